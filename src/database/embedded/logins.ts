import { Secret } from '@gatehouse-mcp/oauth';
import { Client } from 'pg';
import { clientOptions } from '../database.options.js';
import type { DatabaseUrls } from '../database-urls.js';
import { adminLogin, type Cluster } from './cluster.js';

const runtimeLogin = 'gatehouse';
const database = 'gatehouse';

/** Makes the database and the runtime login when they are missing, and returns how to reach them. */
export async function prepareLogins(cluster: Cluster, port: number): Promise<DatabaseUrls> {
  const client = new Client(clientOptions(urlOf(adminLogin, cluster.adminPassword, port, 'postgres'), 'gatehouse-embedded'));
  await client.connect();
  try {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [runtimeLogin]);
    if (role.rowCount === 0) {
      await client.query(`CREATE ROLE ${runtimeLogin} LOGIN NOINHERIT PASSWORD ${client.escapeLiteral(cluster.runtimePassword)}`);
    }
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
  const url = urlOf(runtimeLogin, cluster.runtimePassword, port, database);
  return { url, directUrl: url, adminUrl: urlOf(adminLogin, cluster.adminPassword, port, database) };
}

function urlOf(login: string, password: string, port: number, name: string): Secret {
  return new Secret(`postgresql://${login}:${password}@127.0.0.1:${port}/${name}`);
}

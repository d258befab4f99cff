import { createHmac } from 'node:crypto';
import { Secret } from '@gatehouse-mcp/oauth';
import { Client } from 'pg';
import { inLockedTransaction } from './admin-client.js';
import type { DatabaseUrls } from './database-urls.js';
import { connectionRefusal, databaseUnavailable } from './database.error.js';
import { clientOptions } from './database.options.js';
import { GatewayError } from '../errors/gateway.error.js';

const login = 'gatehouse_runtime';

/**
 * Makes a gateway's logins from one connection string, whose login may create roles: requests run under a login of their own that
 * owns nothing, as with separate URLs. Its password is derived, so that every replica knows it and none has to store it.
 * @param setting name of what holds the connection string, for errors
 */
export async function provideRuntimeLogin(connectionString: Secret, setting: string): Promise<DatabaseUrls> {
  const password = createHmac('sha256', connectionString.reveal()).update('gatehouse runtime login').digest('hex');
  const url = urlWith(connectionString, setting, password);
  const client = new Client(clientOptions(connectionString, 'gatehouse-login'));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await inLockedTransaction(client, 'runtime-login', () => prepareLogin(client, setting, password));
  } catch (error) {
    throw error instanceof GatewayError ? error : connectionRefusal(setting, error);
  } finally {
    await client.end().catch(() => undefined);
  }
  return { url, directUrl: url, adminUrl: connectionString };
}

async function prepareLogin(client: Client, setting: string, password: string): Promise<void> {
  const rights = await client.query<{ able: boolean }>('SELECT rolsuper OR rolcreaterole AS able FROM pg_roles WHERE rolname = current_user');
  if (rights.rows[0]?.able !== true) {
    throw new GatewayError(databaseUnavailable, `the login of ${setting} may not create roles: ALTER ROLE … CREATEROLE, or give database.url and database.adminUrl apart`);
  }
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${login} LOGIN NOINHERIT PASSWORD ${client.escapeLiteral(password)}`);
}

function urlWith(connectionString: Secret, setting: string, password: string): Secret {
  try {
    const url = new URL(connectionString.reveal());
    if (!/^postgres(?:ql)?:$/.test(url.protocol)) throw new TypeError('another protocol');
    url.username = login;
    url.password = password;
    return new Secret(url.href);
  } catch {
    // The parser's message could hold the connection string.
    throw new GatewayError(databaseUnavailable, `${setting} must be a postgresql:// URL`);
  }
}

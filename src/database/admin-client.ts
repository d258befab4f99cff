import type { Secret } from '@gatehouse-mcp/oauth';
import { Client } from 'pg';
import { GatewayError } from '../errors/gateway.error.js';
import { clientOptions } from './database.options.js';
import { connectionRefusal, databaseUnavailable, isDatabaseUnavailable } from './database.error.js';
import type { DatabaseUrls } from './database-urls.js';

const minimumVersion = 16;

/** The admin login, or a refusal that names the missing setting. */
export function requireAdminUrl(urls: DatabaseUrls): Secret {
  if (urls.adminUrl) return urls.adminUrl;
  throw new GatewayError(databaseUnavailable, 'database.adminUrl is needed to apply the configuration and to migrate (a login with CREATEROLE)');
}

/** Name of the runtime login: the roles of tenants are granted to it. */
export function runtimeLogin(urls: DatabaseUrls): string {
  let login = '';
  try {
    login = decodeURIComponent(new URL(urls.url.reveal()).username);
  } catch {
    // The refusal below names the setting; the parser's message could hold the URL.
  }
  if (login === '') throw new GatewayError(databaseUnavailable, 'database.url must be a postgresql:// URL that names its login');
  return login;
}

/** Runs work on one admin connection of a server that is new enough. */
export async function withAdminClient<T>(urls: DatabaseUrls, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(clientOptions(requireAdminUrl(urls), 'gatehouse-apply'));
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionRefusal('database.adminUrl', error);
  }
  try {
    const version = await client.query<{ version: number }>("SELECT current_setting('server_version_num')::int AS version");
    assertVersion(version.rows[0]?.version ?? 0);
    return await work(client);
  } catch (error) {
    throw isDatabaseUnavailable(error) ? connectionRefusal('database.adminUrl', error) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs work in one transaction that holds the named lock to its end; xact locks also work through PgBouncer. */
export async function inLockedTransaction<T>(client: Client, lock: string, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`gatehouse:${lock}`]);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function assertVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major < minimumVersion) {
    throw new GatewayError(databaseUnavailable, `PostgreSQL ${minimumVersion} or newer is needed; database.adminUrl leads to version ${major}`);
  }
}

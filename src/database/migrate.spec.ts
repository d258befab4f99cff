import { randomUUID } from 'node:crypto';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { setUpTenants } from '../../test/tools/tenants.js';
import { readAudit } from '../audit/audit.reader.js';
import { AuditWriter } from '../audit/audit.writer.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import type { DatabaseUrls } from './database-urls.js';

/** A company's PostgreSQL gives us an admin login that may create roles and is no superuser. */
describe('migrations by a CREATEROLE login', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let urls: DatabaseUrls;

  beforeAll(async () => {
    database = await startTestDatabase();
    const superuser = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await superuser.connect();
    await superuser.query(`CREATE ROLE "Operator-1" LOGIN CREATEROLE PASSWORD 'operator'; CREATE ROLE "app user" LOGIN NOINHERIT PASSWORD 'p/w@:'; GRANT CREATE ON DATABASE gatehouse TO "Operator-1"`);
    await superuser.end();
    const as = (login: string, password: string): Secret => {
      const url = new URL(database.urls.url.reveal());
      url.username = encodeURIComponent(login);
      url.password = encodeURIComponent(password);
      return new Secret(url.href);
    };
    urls = { url: as('app user', 'p/w@:'), directUrl: as('app user', 'p/w@:'), adminUrl: as('Operator-1', 'operator') };
  });

  afterAll(async () => {
    await database?.stop();
  });

  it('make tenants that work, and run again without a change', async () => {
    await (await setUpTenants(urls, ['acme'])).source.destroy();
    const { source, tenants } = await setUpTenants(urls, ['acme', 'globex']);
    const writer = new AuditWriter(urls);
    await writer.intent(tenants.globex, {
      callId: randomUUID(), kind: 'intent', at: new Date().toISOString(), requestId: 'r', issuer: 'i', subject: 's', clientId: null, actor: null, api: null,
      tool: 't', decision: 'allowed', result: null, upstreamStatus: null, durationMs: null, scopes: null, argumentDigest: null, address: '127.0.0.1',
    });
    const reads = new TenantDatabase(source);
    expect(await readAudit(reads, tenants.globex, { limit: 5 })).toHaveLength(1);
    expect(await readAudit(reads, tenants.acme, { limit: 5 })).toHaveLength(0);
    await writer.drain();
    await source.destroy();
  });

  it('leave the admin login, which owns the tables, without the tenants’ rows', async () => {
    const admin = new Client({ connectionString: urls.adminUrl?.reveal() });
    await admin.connect();
    const { rows } = await admin.query<{ schema_name: string }>(`SELECT schema_name FROM gatehouse.tenants WHERE name = 'globex'`);
    expect((await admin.query(`SELECT * FROM "${rows[0]?.schema_name}".audit`)).rows).toEqual([]);
    expect((await admin.query(`DELETE FROM "${rows[0]?.schema_name}".audit`)).rowCount).toBe(0);
    await admin.end();
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startGateway, type TestGateway } from '../tools/gateway.js';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/configuration.md'), 'utf8');
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    connect: async ({ adminUrl }) => {
      const superuser = new URL(adminUrl?.reveal() ?? '');
      // The cluster has a login and a database of these names already; the guide's begin with another one.
      const sql = (/```sql\n([\s\S]*?)```/.exec(guide)?.[1] ?? '').replaceAll('gatehouse', 'guide').replaceAll("'…'", "'secret'");
      const client = new Client({ connectionString: superuser.href });
      await client.connect();
      for (const statement of sql.split(';').map((text) => text.trim()).filter(Boolean)) await client.query(statement);
      await client.end();
      const login = (name: string) => new Secret(Object.assign(new URL(superuser), { username: name, password: 'secret', pathname: '/guide' }).href);
      return { url: login('guide'), directUrl: login('guide'), adminUrl: login('guide_admin') };
    },
  });
});
afterAll(() => gateway.stop());

describe('a PostgreSQL of the operator, with the logins of the guide', () => {
  it('is enough: the administrator needs no superuser, the runtime login no right of its own', async () => {
    const { result } = await gateway.call(await gateway.token(), 'items_getItem', { id: 'x' });
    expect(result?.isError ?? false).toBe(false);
  });

  it('can be applied to again', async () => {
    await expect(gateway.apply((settings) => Object.assign(settings['tenants'] as object, { initech: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'initech' }] } }))).resolves.toBeUndefined();
  });
});

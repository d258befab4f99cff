import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ConnectedAccounts } from '../../src/credentials/vault/connected-accounts.js';
import { callAt, startVault, type TestVault } from '../tools/vault.js';

let vault: TestVault;
let admin: Client;

beforeAll(async () => {
  vault = await startVault();
  admin = new Client({ connectionString: vault.gateway.urls.adminUrl?.reveal() });
  await admin.connect();
}, 60_000);
afterAll(async () => {
  await admin.end();
  await vault.stop();
});
beforeEach(async () => {
  for (const tenant of ['acme', 'globex']) await vault.connect('victim', { tenant });
  await vault.connect('mallory');
  vault.gateway.app.get(ConnectedAccounts, { strict: false }).forget();
  vault.gateway.upstream.requests.length = 0;
});

const schemaOf = (tenant: string): string => `"${vault.visitor('x', tenant).tenant.schema}"`;
const callOfMallory = () => callAt(vault.gateway.url, vault.gateway, 'mallory');

/** Promise 1: whoever can write to the tables, without the keys, gains nobody's account. */
describe('a connection that was moved in the database', () => {
  it.each([
    ['sealed', 'the sealed text of another user'],
    ['sealed, data_key', 'the sealed text and its key of another user'],
  ])('serves nobody: %s', async (columns) => {
    const names = columns.split(', ');
    await admin.query(`UPDATE ${schemaOf('acme')}.connections m SET ${names.map((name) => `${name} = v.${name}`).join(', ')} FROM ${schemaOf('acme')}.connections v WHERE m.subject = 'mallory' AND v.subject = 'victim'`);
    const { result } = await callOfMallory();
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toMatch(/^internal error; request /);
    expect(vault.gateway.upstream.requests).toHaveLength(0);
  });

  it('serves nobody under another user\'s name', async () => {
    await admin.query(`DELETE FROM ${schemaOf('acme')}.connections WHERE subject = 'mallory'`);
    await admin.query(`UPDATE ${schemaOf('acme')}.connections SET subject = 'mallory' WHERE subject = 'victim'`);
    expect((await callOfMallory()).result?.isError).toBe(true);
    expect(vault.gateway.upstream.requests).toHaveLength(0);
  });

  it('serves nobody in another tenant, though its data key comes along', async () => {
    const [from, to] = [schemaOf('globex'), schemaOf('acme')];
    const { id } = vault.visitor('x').tenant;
    await admin.query(`INSERT INTO ${to}.data_keys SELECT '${id}', gen_random_uuid(), wrapped_by, wrapped, now() + interval '1 hour' FROM ${from}.data_keys`);
    await admin.query(`UPDATE ${to}.connections m SET sealed = v.sealed, data_key = (SELECT id FROM ${to}.data_keys ORDER BY created_at DESC LIMIT 1) FROM ${from}.connections v WHERE m.subject = 'mallory' AND v.subject = 'victim'`);
    expect((await callOfMallory()).result?.isError).toBe(true);
    expect(vault.gateway.upstream.requests).toHaveLength(0);
    await admin.query(`DELETE FROM ${to}.connections; DELETE FROM ${to}.data_keys`);
  });
});

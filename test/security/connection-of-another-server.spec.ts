import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAccountServer } from '@gatehouse-mcp/testing';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { Connections } from '../../src/credentials/vault/connections.js';
import type { Settings } from '../tools/gateway.js';
import { callAt, queryTenant, startVault, type TestVault } from '../tools/vault.js';

let vault: TestVault;
let other: FakeAccountServer;

beforeAll(async () => {
  other = await FakeAccountServer.start();
  vault = await startVault({ change: ({ egress }) => (egress as { allow: string[] }).allow.push(other.host) });
  for (const subject of ['alice', 'bob', 'carol']) await vault.connect(subject);
  await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = 'bob'`);
  // Alice's token is held in memory, too.
  await call('alice');
}, 60_000);
afterAll(async () => {
  await vault.stop();
  await other.stop();
});

const call = (subject: string) => callAt(vault.gateway.url, vault.gateway, subject);
const pages = () => vault.gateway.app.get(Connections, { strict: false });

async function changeConnection(changes: Settings): Promise<void> {
  const live = vault.gateway.app.get(LiveConfiguration, { strict: false });
  const { revision } = live.current;
  await vault.gateway.apply((settings) => {
    for (const connection of settings['connections'] as Settings[]) Object.assign(connection, changes);
  });
  while (live.current.revision === revision) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The operator gives the name of a connection to another server; what users have of the one before is for that one alone. */
describe('a connection whose name now means another server', () => {
  beforeAll(async () => {
    await changeConnection({ issuer: other.url });
    vault.gateway.upstream.requests.length = 0;
  });

  it.each([
    ['is in memory', 'alice'],
    ['is to be refreshed', 'bob'],
    ['stands in the database', 'carol'],
  ])('takes none of the tokens of the server before: one that %s', async (_, subject) => {
    expect((await call(subject)).result?.content?.[0]?.text).toMatch(/^your account "The other service" has to be connected again: /);
    expect(vault.gateway.upstream.requests).toHaveLength(0);
    expect(other.requests.filter(({ path }) => path === '/token')).toHaveLength(0);
    expect(await pages().list(vault.visitor(subject))).toMatchObject([{ state: 'lost' }]);
  });

  it('shows it none to revoke either, and serves who connects again', async () => {
    expect(await pages().disconnect(vault.visitor('carol'), 'account')).toBe(false);
    expect(other.revoked).toEqual([]);
    await vault.connect('carol');
    vault.gateway.upstream.answerWith(({ headers }) => (other.accepts(String(headers['authorization']).slice('Bearer '.length)) ? {} : { status: 401 }));
    expect((await call('carol')).result?.isError).toBeUndefined();
  });
});

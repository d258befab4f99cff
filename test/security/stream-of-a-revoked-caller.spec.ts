import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { addRevocation } from '../../src/auth/revocations/revocation.store.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import { Events } from '../tools/events.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const open = async (claims: Readonly<Record<string, unknown>>) =>
  new Events(await fetch(`${gateway.url}/mcp`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${await gateway.token(claims)}` } }));
let texts = 0;
const changeTools = () =>
  gateway.apply((settings) => {
    (settings['apis'] as Settings[])[0]!['overrides'] = { 'GET /items/{id}': { description: `Changed ${texts++}.` } };
  });

/** Promise 6, for a response that goes on. */
describe('a standing stream', () => {
  it('says nothing once an administrator has revoked its caller, and ends; another one goes on', async () => {
    const [mallory, alice] = [await open({ sub: 'mallory' }), await open({})];
    await changeTools();
    expect([await mallory.next(), await alice.next()]).toMatchObject([{ method: 'notifications/tools/list_changed' }, { method: 'notifications/tools/list_changed' }]);
    await addRevocation(gateway.app.get(DataSource), { kind: 'subject', provider: 'corp', value: 'mallory', reason: 'a test', expiresAt: new Date(Date.now() + 3_600_000) });
    await gateway.app.get(ChangeFeed, { strict: false }).refresh();
    await changeTools();
    expect(await alice.next()).toBeDefined();
    expect(await mallory.next()).toBeUndefined();
    expect(await mallory.ends(1_000)).toBe(true);
    await alice.close();
  }, 30_000);

  it('that is idle ends within 20 s of its revocation, and of the end of its token', async () => {
    const [revoked, expiring] = [await open({ sub: 'eve' }), await open({ sub: 'bob', exp: Math.floor(Date.now() / 1_000) - 56 })];
    await addRevocation(gateway.app.get(DataSource), { kind: 'subject', provider: 'corp', value: 'eve', reason: 'a test', expiresAt: new Date(Date.now() + 3_600_000) });
    expect(await Promise.all([revoked.ends(25_000), expiring.ends(25_000)])).toEqual([true, true]);
  }, 40_000);
});

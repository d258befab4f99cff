import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Settings } from '../tools/gateway.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica, type ServedReplica } from '../tools/served.process.js';
import { callAt, queryTenant, startVault, type TestVault } from '../tools/vault.js';

const AT_ONCE = 5;
/** The server takes this long to answer, and kills fall before, in and after it. */
const ANSWER_MS = 20;
const WINDOW_MS = 60;

describeBothWays('kill -9 in the middle of a refresh', (connect, isPooled) => {
  const KILLS = isPooled ? 20 : 50;
  let vault: TestVault;

  beforeAll(async () => {
    vault = await startVault({ connect });
    vault.accounts.refreshDelayMs = ANSWER_MS;
    await vault.connect('warm');
  }, 60_000);
  afterAll(() => vault.stop());

  const subjects = Array.from({ length: KILLS }, (_, index) => `victim-${index}`);
  const stateOf = async (): Promise<Map<unknown, Record<string, unknown>>> =>
    new Map((await queryTenant(vault, 'SELECT subject, version, sent_at IS NOT NULL AS "wasSent" FROM connections')).map((row) => [row['subject'], row]));

  /** Processes with the tenant, its catalog and its data keys loaded; the accounts' server is found only by the refresh itself. */
  const serveReplicas = (count: number): Promise<ServedReplica[]> =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const replica = await serveReplica(vault.gateway);
        await callAt(replica.url, vault.gateway, 'warm');
        return replica;
      }),
    );
  const expire = (like: string) => queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject LIKE $1`, [like]);
  /** What the 30 seconds of a lease do. */
  const endLeases = () => queryTenant(vault, `UPDATE connections SET lease_expires_at = now() - interval '1 second' WHERE lease_expires_at IS NOT NULL`);

  /** Where the connection's server is asked, in place of what its metadata says. */
  const useEndpoints = (endpoints: Settings, ...allowed: readonly string[]) =>
    vault.gateway.apply((settings) => {
      for (const connection of settings['connections'] as Settings[]) Object.assign(connection, endpoints);
      (settings['egress'] as { allow: string[] }).allow.push(...allowed);
    });

  async function hasToken(): Promise<void> {
    const { length } = vault.accounts.refreshed;
    while (vault.accounts.refreshed.length === length) await sleep(1);
  }

  /** Calls for a user whose token has ended, and kills the process in the middle. */
  async function killDuringRefresh(replica: ServedReplica, subject: string, until: Promise<unknown>): Promise<void> {
    const call = callAt(replica.url, vault.gateway, subject).catch(() => undefined);
    await until;
    await replica.kill();
    await call;
  }

  it(`never makes a one-time token be sent twice, ${KILLS} times; what may have been sent is asked for again`, async () => {
    for (const subject of subjects) await vault.connect(subject);
    await expire('victim-%');
    const before = await stateOf();
    for (let first = 0; first < KILLS; first += AT_ONCE) {
      for (const [index, replica] of (await serveReplicas(AT_ONCE)).entries()) {
        const place = (first + index) / KILLS;
        // The first of each round from the call on, the others from the moment that the server has the token, however slow the machine is.
        const until = index === 0 ? sleep(place * WINDOW_MS) : hasToken().then(() => sleep(place * 2 * ANSWER_MS));
        await killDuringRefresh(replica, subjects[first + index] ?? '', until);
      }
    }
    const states = await stateOf();
    await endLeases();
    const outcomes = { refreshed: 0, untouched: 0, lost: 0 };
    for (const subject of subjects) {
      const { result } = await callAt(vault.gateway.url, vault.gateway, subject);
      const { version, wasSent } = states.get(subject) ?? {};
      const isLost = result?.isError === true;
      expect({ subject, isLost }).toEqual({ subject, isLost: wasSent === true });
      // Nobody is shown an error that is not theirs to mend.
      expect(result?.content?.[0]?.text).toMatch(isLost ? /has to be connected again: .*\/connections\/to\/account\?for=/ : /^\{\}$/);
      outcomes[isLost ? 'lost' : version === before.get(subject)?.['version'] ? 'untouched' : 'refreshed'] += 1;
    }
    expect(vault.accounts.reused).toEqual([]);
    // The kills fell before, in and after the refreshes, so that the claim was tried.
    expect(outcomes.lost).toBeGreaterThan(0);
    expect(outcomes.untouched + outcomes.refreshed).toBeGreaterThan(0);
    // A lost one is one whose token the server had, but for a kill in the instant between the note and the first byte (ADR 8).
    expect(outcomes.lost).toBeLessThanOrEqual(vault.accounts.refreshed.length - outcomes.refreshed - outcomes.untouched + 2);
  }, 180_000);

  it('loses nothing while the connection to the server is being opened', async () => {
    await vault.connect('early');
    await expire('early');
    let reach = () => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    // Its TLS handshake is never answered.
    const silent = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      reach();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await useEndpoints({ authorizationEndpoint: `${vault.accounts.url}/authorize`, tokenEndpoint: `https://127.0.0.1:${port}/token` }, `127.0.0.1:${port}`);
    for (const replica of await serveReplicas(1)) await killDuringRefresh(replica, 'early', reached);
    await new Promise((resolve) => silent.close(resolve));
    expect((await stateOf()).get('early')).toMatchObject({ wasSent: false });
    await useEndpoints({ authorizationEndpoint: undefined, tokenEndpoint: undefined });
    await endLeases();
    expect((await callAt(vault.gateway.url, vault.gateway, 'early')).result?.isError).toBeUndefined();
    expect(vault.accounts.reused).toEqual([]);
  }, 60_000);
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica, type ServedProcess } from '../tools/served.process.js';
import { callAt, queryTenant, startVault, type TestVault } from '../tools/vault.js';

describeBothWays('two processes, 50 parallel calls each, on an expired one-time refresh token', (connect) => {
  let vault: TestVault;
  let replicas: readonly (ServedProcess & { readonly url: string })[] = [];

  beforeAll(async () => {
    vault = await startVault({ connect });
    replicas = await Promise.all([serveReplica(vault.gateway), serveReplica(vault.gateway)]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await vault.stop();
  });

  it.each([0, 300])('refresh it once, and every call succeeds (the server answers after %i ms)', async (delay) => {
    const subject = `racer-${delay}`;
    await vault.connect(subject);
    await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [subject]);
    vault.accounts.refreshDelayMs = delay;
    const before = vault.accounts.refreshed.length;
    const answers = await Promise.all(replicas.flatMap(({ url }) => Array.from({ length: 50 }, () => callAt(url, vault.gateway, subject))));
    expect(answers.filter(({ result }) => result !== undefined && result.isError !== true)).toHaveLength(100);
    expect(vault.accounts.refreshed.length - before).toBe(1);
    expect(vault.accounts.reused).toEqual([]);
    // The next one is a refresh of the new pair, which is the one that was stored.
    await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [subject]);
    expect((await vault.gateway.call(await vault.gateway.token({ sub: subject }), 'items_getItem', { id: '1' })).result?.isError).toBeUndefined();
    expect(vault.accounts.refreshed.length - before).toBe(2);
  }, 30_000);
});

import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connections } from '../../src/credentials/vault/connections.js';
import type { Settings } from '../tools/gateway.js';
import { operatorEnvironment, runGatehouse } from '../tools/served.process.js';
import { callAt, queryTenant, startVault, VAULT_KEY, type TestVault } from '../tools/vault.js';

const NEW_KEY = randomBytes(32).toString('base64');
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault({ secrets: { NEW_VAULT_KEY: NEW_KEY } });
}, 60_000);
afterAll(() => vault.stop());

const run = (...args: string[]) => runGatehouse([...args, '--config', vault.gateway.file], { cwd: dirname(vault.gateway.file), environment: operatorEnvironment(vault.gateway) });
const works = async (subject: string) => (await callAt(vault.gateway.url, vault.gateway, subject)).result?.isError !== true;

describe('gatehouse connections', () => {
  it('lists what users connected, without their tokens, and ends it for a user', async () => {
    await vault.connect('alice');
    await vault.connect('carol');
    expect(await works('alice')).toBe(true);
    const list = await run('connections', 'list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject([
      { tenant: 'acme', name: 'account', subject: 'alice', state: 'connected', scopes: ['items:read', 'items:write'] },
      { tenant: 'acme', name: 'account', subject: 'carol', state: 'connected' },
    ]);
    expect(list.stdout).not.toMatch(/[ar]t-/);
    const revoke = await run('connections', 'revoke', '--user', 'corp:alice');
    expect(revoke).toMatchObject({ code: 0, stdout: 'acme  account  alice: forgotten by every replica within 5 s; ended at its server\n' });
    const until = Date.now() + 5_000;
    while ((await works('alice')) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await works('alice')).toBe(false);
    expect(await works('carol')).toBe(true);
    expect(vault.accounts.revoked).toHaveLength(2);
  }, 30_000);

  it('ends it for an API, and says which there are', async () => {
    expect((await run('connections', 'revoke', '--api', 'acme/nothing')).stderr).toContain('the applied configuration has no API "acme/nothing"; it has acme/items, globex/items');
    expect((await run('connections', 'revoke')).code).toBe(2);
    expect((await run('connections', 'revoke', '--api', 'acme/items')).stdout).toContain('acme  account  carol: forgotten');
    expect((await run('connections', 'list')).stdout).toBe('nobody connected anything\n');
  }, 30_000);
});

describe('gatehouse vault rekey', () => {
  it('moves everything to a new key while the gateway serves, after which the old one is not needed', async () => {
    for (let index = 0; index < 5; index += 1) await vault.connect(`user-${index}`);
    const underWay = await vault.gateway.app.get(Connections, { strict: false }).begin(vault.visitor('late'), 'account', 'session', vault.gateway.url);
    const before = await queryTenant(vault, 'SELECT id, wrapped_by FROM data_keys');
    await vault.gateway.apply((settings) => {
      settings['vault'] = { keys: ['env:NEW_VAULT_KEY', 'env:VAULT_KEY'] };
    });
    // Refreshes go on meanwhile.
    let failures = 0;
    const done = new AbortController();
    const traffic = (async () => {
      for (let count = 0; !done.signal.aborted; count += 1) {
        await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [`user-${count % 5}`]);
        if (!(await works(`user-${count % 5}`))) failures += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const result = await run('vault', 'rekey', '--tenant', 'acme');
    done.abort();
    await traffic;
    expect(result.stdout).toMatch(/^acme: \d+ rows sealed anew\n/);
    expect(failures).toBe(0);
    const after = await queryTenant(vault, 'SELECT id, wrapped_by FROM data_keys');
    expect(after).toHaveLength(1);
    expect(after[0]?.['wrapped_by']).not.toBe(before[0]?.['wrapped_by']);
    await vault.gateway.apply((settings) => {
      settings['vault'] = { keys: ['env:NEW_VAULT_KEY'] };
    });
    await vault.gateway.app.get(Connections, { strict: false }).list(vault.visitor('late'));
    const status = await run('vault', 'status', '--tenant', 'acme');
    expect(status.stdout).toMatch(/^acme:\n {2}data key [0-9a-f-]{36} of \d{4}-\d\d-\d\d, wrapped by [0-9a-f]{16}: 5 connections\n$/);
    for (let index = 0; index < 5; index += 1) expect(await works(`user-${index}`)).toBe(true);
    const back = new URL((await fetch(underWay, { redirect: 'manual' })).headers.get('location') ?? '');
    await vault.gateway.app.get(Connections, { strict: false }).complete(vault.visitor('late'), 'account', 'session', back.searchParams);
    expect(await works('late')).toBe(true);
    for (const { stdout, stderr } of [result, status]) for (const key of [VAULT_KEY, NEW_KEY]) expect(stdout + stderr).not.toContain(key);
  }, 60_000);

  it('says which key is missing when an old one was taken away too early', async () => {
    await vault.gateway.apply((settings) => {
      settings['vault'] = { keys: ['env:VAULT_KEY'] };
    });
    const until = Date.now() + 5_000;
    while ((await works('user-0')) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
    const { result } = await callAt(vault.gateway.url, vault.gateway, 'user-0');
    expect(result?.content?.[0]?.text).toMatch(/^vault\.keys has no key [0-9a-f]{16}, which connections of this tenant are encrypted with$/);
  }, 30_000);

  it('moves what is kept for a connection that the configuration has no more', async () => {
    await vault.gateway.apply((settings) => {
      settings['vault'] = { keys: ['env:VAULT_KEY', 'env:NEW_VAULT_KEY'] };
      settings['connections'] = [];
      for (const api of settings['apis'] as Settings[]) api['credentials'] = [{ type: 'none' }];
    });
    const before = await queryTenant(vault, 'SELECT wrapped_by FROM data_keys');
    expect((await run('vault', 'rekey')).stdout).toMatch(/^acme: \d+ rows sealed anew$/m);
    const after = await queryTenant(vault, 'SELECT wrapped_by FROM data_keys');
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  }, 60_000);
});

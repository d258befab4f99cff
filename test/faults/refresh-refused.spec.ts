import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectedAccounts } from '../../src/credentials/vault/connected-accounts.js';
import { Connections } from '../../src/credentials/vault/connections.js';
import { callAt, queryTenant, startVault, type TestVault } from '../tools/vault.js';

let vault: TestVault;
let count = 0;
let subject = '';

beforeAll(async () => {
  vault = await startVault();
}, 60_000);
afterAll(() => vault.stop());
beforeEach(async () => {
  vault.accounts.fixed.clear();
  vault.accounts.habits = {};
  // Somebody new, so that no breaker, cache or refusal of another case helps.
  subject = `user-${count++}`;
  await vault.connect(subject);
  await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [subject]);
});

const json = { 'content-type': 'application/json' };
const textOf = async (): Promise<string> => {
  const before = vault.gateway.upstream.requests.length;
  const { result } = await callAt(vault.gateway.url, vault.gateway, subject);
  expect(result?.isError).toBe(true);
  expect(vault.gateway.upstream.requests).toHaveLength(before);
  return result?.content?.[0]?.text ?? '';
};
const stateOf = async () => (await vault.gateway.app.get(Connections, { strict: false }).list(vault.visitor(subject)))[0]?.state;

describe('a refresh that brings no token', () => {
  it.each([
    ['the standard code', 400, '{"error":"invalid_grant"}'],
    ['Gitea: a used refresh token', 400, '{"error":"unauthorized_client"}'],
    ['GitHub: 200 and a code of its own', 200, '{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired."}'],
    ['a 401 of no known code', 401, '{"error":"token_gone"}'],
    ['a 400 that is no JSON', 400, '<html>'],
  ])('asks the user to connect again: %s', async (_, status, body) => {
    vault.accounts.fixed.set('/token', { status, body, headers: json });
    expect(await textOf()).toMatch(/has to be connected again/);
    expect(await stateOf()).toBe('lost');
  });

  it.each([
    ['the server is down', 503, '', 'answered 503'],
    ['it limits how often it is asked', 429, '{"error":"slow_down"}', 'answered 429'],
    ['our secret is wrong', 401, '{"error":"invalid_client"}', 'invalid_client'],
    ['our secret is wrong, in GitHub\'s words', 200, '{"error":"incorrect_client_credentials"}', 'incorrect_client_credentials'],
    ['a page in place of an answer', 200, '<html>', 'no JSON object'],
    ['another token type', 200, '{"access_token":"x","token_type":"DPoP"}', 'token_type is not Bearer'],
    ['a token that has ended', 200, '{"access_token":"x","token_type":"Bearer","expires_in":-5}', 'has expired already'],
  ])('keeps the connection: %s', async (_, status, body, reason) => {
    vault.accounts.fixed.set('/token', { status, body, headers: json });
    const text = await textOf();
    expect(text).toContain('your account "The other service" cannot be refreshed');
    expect(text).toContain(reason);
    expect(text).not.toContain(vault.gateway.secret);
    expect(await stateOf()).toBe('connected');
  });

  it('serves to its end while the server cannot even be found', async () => {
    await queryTenant(vault, `UPDATE connections SET expires_at = now() + interval '30 seconds' WHERE subject = $1`, [subject]);
    vault.accounts.fixed.set('/.well-known/openid-configuration', { status: 503, body: '' });
    vault.accounts.fixed.set('/.well-known/oauth-authorization-server', { status: 503, body: '' });
    // It has found nothing yet.
    const replica = await vault.gateway.replica();
    try {
      expect((await callAt(replica.url, vault.gateway, subject)).result?.isError).toBeUndefined();
    } finally {
      await replica.stop();
    }
  });

  it('serves again when the server is back, with the same refresh token', async () => {
    vault.accounts.fixed.set('/token', { status: 500, body: '' });
    await textOf();
    vault.accounts.fixed.clear();
    expect((await callAt(vault.gateway.url, vault.gateway, subject)).result?.isError).toBeUndefined();
  });
});

describe('a refresh that takes too long', () => {
  it('ends after 5 s, keeps the connection, and is tried again by the next call', async () => {
    vault.accounts.delayMs = 7_000;
    try {
      const startedAt = performance.now();
      expect(await textOf()).toContain('cannot be refreshed');
      expect(performance.now() - startedAt).toBeLessThan(6_500);
    } finally {
      vault.accounts.delayMs = 0;
    }
    expect(await stateOf()).toBe('connected');
  }, 20_000);
});

describe('a refresh of a server that keeps its refresh tokens', () => {
  it('keeps the one it was not given another for', async () => {
    vault.accounts.habits = { rotates: false };
    const before = vault.accounts.refreshed.length;
    for (let round = 0; round < 2; round += 1) {
      await queryTenant(vault, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [subject]);
      vault.gateway.app.get(ConnectedAccounts, { strict: false }).forget();
      expect((await callAt(vault.gateway.url, vault.gateway, subject)).result?.isError).toBeUndefined();
    }
    const [first, second] = vault.accounts.refreshed.slice(before);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });
});

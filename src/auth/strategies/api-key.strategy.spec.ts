import { describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { startSignIn } from '../../../test/tools/sign-in.js';
import type { StoredApiKey } from '../api-keys/api-key.store.js';
import { createApiKey, hmacOf, parseApiKey } from '../api-keys/api-key.format.js';

const hmacKey = new Secret('an hmac key of more than 32 characters');
const secrets = { 'env:HMAC': hmacKey.reveal(), 'env:CI_KEY': 'a-static-key-of-more-than-32-characters' };
const providers = { keys: { preset: 'apiKey', hmacKey: 'env:HMAC', staticKeys: [{ name: 'ci', key: 'env:CI_KEY', tenant: 'acme', scopes: ['orders:read'], roles: ['reader'] }] } };

function stored(more: Partial<StoredApiKey> = {}): { readonly key: string; readonly row: StoredApiKey } {
  const { id, key } = createApiKey('gatehouse');
  const parts = parseApiKey('gatehouse', key.reveal())!;
  const [createdAt, expiresAt] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
  const row = { id, provider: 'keys', hmac: hmacOf(hmacKey, parts), name: 'nightly', owner: 'billing-job', tenant: 'acme', scopes: ['orders:read'], roles: ['reader'], createdAt, expiresAt, lastUsedAt: null, revokedAt: null, replaces: null, ...more };
  return { key: key.reveal(), row };
}

async function verify(key: string, row?: StoredApiKey) {
  const signIn = await startSignIn(providers, { tenants: { acme: {}, globex: { rules: [{ provider: 'keys', claim: 'tenant', equals: 'acme' }] } }, secrets, apiKeys: row ? [row] : [] });
  try {
    return { ...(await signIn.verify(key)), used: signIn.used };
  } finally {
    await signIn.stop();
  }
}

describe('an API key', () => {
  it('is its owner, a machine, in the tenant that the key names', async () => {
    const { key, row } = stored();
    const signIn = await startSignIn(providers, { tenants: { acme: {} }, secrets, apiKeys: [row] });
    const { caller, isExchangeable } = await signIn.verify(key);
    expect(caller).toMatchObject({ subject: 'billing-job', name: 'nightly', kind: 'machine', tenant: 'acme', tokenId: row.id, scopes: new Set(['orders:read']), roles: new Set(['reader']) });
    expect(isExchangeable).toBe(false);
    expect(signIn.used).toEqual([row.id]);
    await signIn.stop();
  });

  it('of a tenant that a rule contradicts is of none', async () => {
    const { key, row } = stored();
    expect((await verify(key, row)).caller.tenant).toBeUndefined();
  });

  it.each([
    ['wrong by one character', (key: string) => key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A'), {}],
    ['of an unknown id', (key: string) => key.replace(/_[0-9a-z]{16}_/, '_0000000000000000_'), {}],
    ['revoked', (key: string) => key, { revokedAt: new Date() }],
    ['expired', (key: string) => key, { expiresAt: new Date(Date.now() - 1) }],
    ['another provider\'s', (key: string) => key, { provider: 'other' }],
    ['longer than a key', (key: string) => key + 'A'.repeat(1_000), {}],
  ])('that is %s is refused, always in the same words (attack 38)', async (_, change, more) => {
    const { key, row } = stored(more);
    await expect(verify(change(key), row)).rejects.toThrow('the API key is not valid: it is unknown, has expired or was revoked');
  });

  it('may stand in the configuration', async () => {
    const signIn = await startSignIn(providers, { tenants: { acme: {} }, secrets });
    const { caller } = await signIn.verify('a-static-key-of-more-than-32-characters');
    expect(caller).toMatchObject({ subject: 'ci', tenant: 'acme', scopes: new Set(['orders:read']), roles: new Set(['reader']) });
    await expect(async () => signIn.verify('a-static-key-of-more-than-32-characterz')).rejects.toMatchObject({ reason: 'unknown_issuer' });
    await signIn.stop();
  });

  it('that could be guessed does not start', async () => {
    await expect(startSignIn(providers, { tenants: { acme: {} }, secrets: { ...secrets, 'env:CI_KEY': 'short' } })).rejects.toThrow(/providers\.keys\.staticKeys\[0\]\.key: is shorter than 32 characters/);
    await expect(startSignIn(providers, { tenants: { acme: {} }, secrets: { ...secrets, 'env:HMAC': 'short' } })).rejects.toThrow(/providers\.keys\.hmacKey/);
  });

  it('is kept as 32 bytes from which it cannot be told', () => {
    const { key, row } = stored();
    expect(row.hmac).toHaveLength(32);
    expect(JSON.stringify(row)).not.toContain(key.split('_')[2]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Secret, type GrantedToken } from '@gatehouse-mcp/oauth';
import { cacheLifetime, ExchangedTokenCache, exchangeKey, type ExchangeKeyParts } from './exchanged-token.cache.js';

const parts: ExchangeKeyParts = {
  tenant: 'acme',
  strategy: 'token-exchange',
  revision: '7',
  issuer: 'https://idp.example',
  subject: 'alice',
  subjectToken: 'token',
  client: 'gatehouse',
  endpoint: 'https://idp.example/token',
  audience: ['orders'],
  resource: '',
  scopes: ['read', 'write'],
  type: 'access_token',
  actor: '',
};

describe('the key of an exchange', () => {
  it.each<[keyof ExchangeKeyParts, string | readonly string[]]>([
    ['tenant', 'globex'],
    ['strategy', 'jwt-bearer'],
    ['revision', '8'],
    ['issuer', 'https://other.example'],
    ['subject', 'bob'],
    ['subjectToken', 'token2'],
    ['client', 'other'],
    ['endpoint', 'https://idp.example/other'],
    ['audience', ['orders', 'more']],
    ['resource', 'https://orders.example'],
    ['scopes', ['read']],
    ['type', 'jwt'],
    ['actor', 'agent'],
  ])('differs when %s differs', (part, value) => {
    expect(exchangeKey({ ...parts, [part]: value })).not.toBe(exchangeKey(parts));
  });

  it('does not depend on the order of scopes or audiences', () => {
    expect(exchangeKey({ ...parts, scopes: ['write', 'read'] })).toBe(exchangeKey(parts));
    expect(exchangeKey({ ...parts, audience: ['b', 'a'] })).toBe(exchangeKey({ ...parts, audience: ['a', 'b'] }));
  });

  it('differs when the same text is cut at another place', () => {
    expect(exchangeKey({ ...parts, issuer: 'ab', subject: 'c' })).not.toBe(exchangeKey({ ...parts, issuer: 'a', subject: 'bc' }));
    expect(exchangeKey({ ...parts, audience: ['a'], resource: '', scopes: ['b'] })).not.toBe(exchangeKey({ ...parts, audience: ['a', ''], resource: 'b', scopes: [] }));
  });
});

describe('the lifetime of an exchanged token', () => {
  it('ends 30 s before the earliest of its own end, its subject token\'s, and five minutes', () => {
    expect(cacheLifetime(120, 3_600, 0)).toBe(90_000);
    expect(cacheLifetime(3_600, 120, 0)).toBe(90_000);
    expect(cacheLifetime(3_600, 3_600, 0)).toBe(270_000);
  });

  it('is 60 s less the margin where the server does not say, and nothing for a token about to end', () => {
    expect(cacheLifetime(undefined, 3_600, 0)).toBe(30_000);
    expect(cacheLifetime(20, 3_600, 0)).toBeLessThanOrEqual(0);
  });

  it('is shorter by a jitter of up to ten seconds', () => {
    expect(cacheLifetime(120, 3_600, 1)).toBe(80_000);
  });
});

describe('the cache of exchanged tokens', () => {
  const token = (): GrantedToken => ({ accessToken: new Secret('x'), expiresIn: 300, scopes: [] });

  it('keeps a token until its lifetime is over, and never one without a lifetime', async () => {
    const cache = new ExchangedTokenCache();
    const held = token();
    cache.add('a', held, 30);
    cache.add('b', token(), 0);
    expect(cache.find('a')).toBe(held);
    expect(cache.find('b')).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(cache.find('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('gives up a refused token, but not the one that replaced it', () => {
    const cache = new ExchangedTokenCache();
    const [refused, fresh] = [token(), token()];
    cache.add('a', refused, 1_000);
    cache.add('a', fresh, 1_000);
    cache.evict('a', refused);
    expect(cache.find('a')).toBe(fresh);
    cache.evict('a', fresh);
    expect(cache.find('a')).toBeUndefined();
  });

  it('is bounded: the oldest goes first', () => {
    const cache = new ExchangedTokenCache();
    const held = token();
    for (let index = 0; index <= 20_000; index += 1) cache.add(`${index}`, held, 1_000);
    expect(cache.size).toBe(20_000);
    expect(cache.find('0')).toBeUndefined();
    expect(cache.find('20000')).toBe(held);
  });
});

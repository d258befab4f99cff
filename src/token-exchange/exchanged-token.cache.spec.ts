import { Secret, type ExchangedToken } from '@gatehouse-mcp/oauth';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cacheLifetime, ExchangedTokenCache, exchangeKey, type ExchangeKeyParts } from './exchanged-token.cache.js';

const parts: ExchangeKeyParts = { tenant: 't', strategy: 'token-exchange', revision: '1', issuer: 'i', subject: 's', subjectToken: 'x', client: 'c', endpoint: 'e', audience: ['a'], resource: '', scopes: ['r', 'w'] };
const token = (): ExchangedToken => ({ accessToken: new Secret('t'), expiresIn: 300, scopes: [] });

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the key of an exchange', () => {
  it.each(Object.keys(parts) as (keyof ExchangeKeyParts)[])('differs when the %s does', (name) => {
    const other = { ...parts, [name]: Array.isArray(parts[name]) ? ['other'] : 'other' };
    expect(exchangeKey(other)).not.toBe(exchangeKey(parts));
  });

  it('is the same for the same scopes and audiences in another order', () => {
    expect(exchangeKey({ ...parts, scopes: ['w', 'r'] })).toBe(exchangeKey(parts));
  });

  it('does not let one field run into the next, nor an audience into a scope', () => {
    expect(exchangeKey({ ...parts, issuer: 'is', subject: '' })).not.toBe(exchangeKey({ ...parts, issuer: 'i', subject: 's' }));
    expect(exchangeKey({ ...parts, audience: ['a', ''], scopes: ['r'] })).not.toBe(exchangeKey({ ...parts, audience: ['a'], resource: '', scopes: ['', 'r'] }));
  });
});

describe('the life of an exchanged token in the cache', () => {
  it.each([
    ['its own end', 120, 3_600, 90_000],
    ['the end of its subject token', 3_600, 100, 70_000],
    ['five minutes', 3_600, 3_600, 270_000],
    ['a minute when the server does not say', undefined, 3_600, 30_000],
  ])('is %s less the margin', (_, expiresIn, subjectExpiresIn, lifetime) => {
    expect(cacheLifetime(expiresIn, subjectExpiresIn, 0)).toBe(lifetime);
    expect(cacheLifetime(expiresIn, subjectExpiresIn, 1)).toBe(lifetime - 10_000);
  });

  it('ends, and a token without life is never kept', () => {
    const cache = new ExchangedTokenCache();
    cache.add('a', token(), 1_000);
    cache.add('b', token(), 0);
    expect([cache.find('a') !== undefined, cache.find('b')]).toEqual([true, undefined]);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_001);
    expect(cache.find('a')).toBeUndefined();
  });

  it('is ended by the API\'s 401, but not that of the token after it', () => {
    const cache = new ExchangedTokenCache();
    const [old, fresh] = [token(), token()];
    cache.add('a', fresh, 1_000);
    cache.evict('a', old);
    expect(cache.find('a')).toBe(fresh);
    cache.evict('a', fresh);
    expect(cache.find('a')).toBeUndefined();
  });

  it('is bounded: the oldest goes first', () => {
    const cache = new ExchangedTokenCache();
    const one = token();
    for (let index = 0; index < 20_005; index++) cache.add(`${index}`, one, 1_000);
    expect(cache.size).toBe(20_000);
    expect(cache.find('0')).toBeUndefined();
  });
});

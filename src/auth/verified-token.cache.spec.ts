import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { VerifiedToken } from './verified-token.js';
import { REVOCATION_BOUND_MS, VerifiedTokenCache } from './verified-token.cache.js';

const token = (subject: string, expiresAt = Date.now() / 1_000 + 3_600): VerifiedToken => ({
  caller: { provider: 'p', issuer: 'i', subject, kind: 'user', clientId: undefined, scopes: new Set(), roles: new Set(), tenant: 't', expiresAt },
  audiences: [],
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the verified-token cache', () => {
  it('keeps two tokens apart that share their first 1,000 characters (attack 7)', () => {
    const shared = 'x'.repeat(1_000);
    const keys = ['a', 'b'].map((end) => VerifiedTokenCache.key('p', '1', shared + end));
    expect(new Set(keys).size).toBe(2);
  });

  it('keeps apart what a plain join would let run together', () => {
    const keys = [VerifiedTokenCache.key('p1', '2', 't'), VerifiedTokenCache.key('p', '12', 't'), VerifiedTokenCache.key('p', '1', '2t')];
    expect(new Set(keys).size).toBe(3);
  });

  it('forgets after the published bound, and at the end of the token', () => {
    const cache = new VerifiedTokenCache();
    cache.add('long', token('long'));
    cache.add('short', token('short', Date.now() / 1_000 + 10));
    const [wall, monotonic] = [Date.now(), performance.now()];
    jest.spyOn(Date, 'now').mockReturnValue(wall + 11_000);
    expect(cache.find('short')).toBeUndefined();
    expect(cache.find('long')?.caller.subject).toBe('long');
    jest.spyOn(performance, 'now').mockReturnValue(monotonic + REVOCATION_BOUND_MS + 100);
    expect(cache.find('long')).toBeUndefined();
  });

  it('is bounded: the oldest goes first', () => {
    const cache = new VerifiedTokenCache();
    const one = token('one');
    for (let index = 0; index < 20_010; index++) cache.add(`${index}`, one);
    expect(cache.size).toBe(20_000);
    expect(cache.find('0')).toBeUndefined();
    expect(cache.find('20009')).toBeDefined();
  });
});

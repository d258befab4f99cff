import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { VerifiedToken } from './verified-token.js';
import { testCaller } from '../../test/tools/caller.js';
import { TokenError } from './token.error.js';
import { VerifiedTokenCache } from './verified-token.cache.js';

const token = (subject: string, expiresAt = Date.now() / 1_000 + 3_600): VerifiedToken => ({
  caller: testCaller({ subject, expiresAt }),
  audiences: [],
  isExchangeable: true,
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
    cache.add('long', token('long'), 60_000);
    cache.add('short', token('short', Date.now() / 1_000 + 10), 60_000);
    const [wall, monotonic] = [Date.now(), performance.now()];
    jest.spyOn(Date, 'now').mockReturnValue(wall + 11_000);
    expect(cache.find('short')).toBeUndefined();
    expect(cache.find('long')?.caller.subject).toBe('long');
    jest.spyOn(performance, 'now').mockReturnValue(monotonic + 60_100);
    expect(cache.find('long')).toBeUndefined();
  });

  it('is bounded: the oldest goes first', () => {
    const cache = new VerifiedTokenCache();
    const one = token('one');
    for (let index = 0; index < 20_010; index++) cache.add(`${index}`, one, 60_000);
    expect(cache.size).toBe(20_000);
    expect(cache.find('0')).toBeUndefined();
    expect(cache.find('20009')).toBeDefined();
  });

  it('remembers a refusal for a few seconds, apart from the users that it must not push out', () => {
    const cache = new VerifiedTokenCache();
    cache.add('user', token('user'), 60_000);
    for (let index = 0; index < 20_010; index++) cache.addRefusal(`bad ${index}`, new TokenError('invalid', 'no'));
    expect(cache.find('user')?.caller.subject).toBe('user');
    expect(() => cache.find('bad 20009')).toThrow(TokenError);
    const monotonic = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(monotonic + 10_100);
    expect(cache.find('bad 20009')).toBeUndefined();
  });
});

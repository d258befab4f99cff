import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { IssuerKeys, KeysUnavailableError, UnknownKeyError } from './issuer-keys.js';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (kid: string, more: object = { alg: 'ES256' }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', ...more });

/** Keys of an issuer whose answer and clock the test sets. */
function issuer(first: unknown) {
  const state = { answer: first, now: 0, fetches: 0 };
  const keys = new IssuerKeys(
    async () => {
      state.fetches++;
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
    { now: () => state.now },
  );
  return { state, keys };
}

/** An issuer that answers each fetch when the test says so. */
function slowIssuer() {
  const waiting: ((jwks: unknown) => void)[] = [];
  const keys = new IssuerKeys(() => new Promise((resolve) => void waiting.push(resolve)));
  return { keys, answer: (jwks: unknown) => waiting.shift()?.(jwks) };
}

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens at the same time', async () => {
    const { state, keys } = issuer({ keys: [jwk('a')] });
    await Promise.all(Array.from({ length: 50 }, () => keys.find('a')));
    expect(state.fetches).toBe(1);
    expect((await keys.find('a')).algorithm).toBe('ES256');
  });

  it('are fetched at most twice in 30 s for 10,000 random key ids', async () => {
    const { state, keys } = issuer({ keys: [jwk('a')] });
    await keys.find('a');
    const results = await Promise.allSettled(Array.from({ length: 10_000 }, (_, index) => keys.find(`random-${index}`)));
    for (let index = 0; index < 29; index++) {
      state.now += 1_000;
      await keys.find(`later-${index}`).catch(() => undefined);
    }
    expect(state.fetches).toBe(2);
    const reasons = results.map((result) => (result.status === 'rejected' ? (result.reason as Error).constructor : undefined));
    // The second fetch was begun for the first of them; of the others nothing can be said until another one is allowed.
    expect(reasons[0]).toBe(UnknownKeyError);
    expect(new Set(reasons.slice(1))).toEqual(new Set([KeysUnavailableError]));
    expect((await keys.find('a')).algorithm).toBe('ES256');
  });

  it('are not said to lack a key that may be new: made-up key ids that used up the fetches make no good token wrong', async () => {
    const { state, keys } = issuer({ keys: [jwk('a')] });
    await keys.find('a');
    for (const kid of ['made-up-1', 'made-up-2', 'made-up-3']) await keys.find(kid).catch(() => undefined);
    state.answer = { keys: [jwk('a'), jwk('new')] };
    state.now += 1_000;
    await expect(keys.find('new')).rejects.toMatchObject({ code: 'keys_unavailable', retryAfter: 29 });
    state.now += 29_000;
    expect((await keys.find('new')).algorithm).toBe('ES256');
    expect(state.fetches).toBe(3);
  });

  it('are not judged by a fetch that began before the token came', async () => {
    const { keys, answer } = slowIssuer();
    const first = keys.find('a');
    const second = keys.find('b');
    answer({ keys: [jwk('a')] });
    await first;
    answer({ keys: [jwk('a'), jwk('b')] });
    expect((await second).algorithm).toBe('ES256');
  });

  it('that were withdrawn are unknown at once, so that their users sign in again although no fetch is allowed', async () => {
    const { state, keys } = issuer({ keys: [jwk('old')] });
    await keys.find('old');
    state.answer = { keys: [jwk('new')] };
    await keys.find('new');
    for (let user = 0; user < 3; user++) await expect(keys.find('old')).rejects.toThrow(UnknownKeyError);
    expect(state.fetches).toBe(2);
  });

  it('rotate without a false refusal', async () => {
    const { state, keys } = issuer({ keys: [jwk('a')] });
    await keys.find('a');
    state.answer = { keys: [jwk('b')] };
    state.now += 1_000;
    expect((await keys.find('b')).algorithm).toBe('ES256');
  });

  it.each([
    ['down', new Error('ECONNREFUSED')],
    ['empty', { keys: [] }],
    ['garbage', '<html>'],
    ['garbage that parses as an RSA key', { keys: [{ kid: 'a', kty: 'RSA', alg: 'RS256', use: 'sig', n: '!', e: '?' }] }],
  ])('keep the last good set when the issuer is %s, for a day', async (_, answer) => {
    const { state, keys } = issuer({ keys: [jwk('a')] });
    await keys.find('a');
    state.answer = answer;
    for (let hour = 0; hour < 23; hour++) {
      state.now += 3_600_000;
      expect((await keys.find('a')).algorithm).toBe('ES256');
    }
    state.now += 2 * 3_600_000;
    await expect(keys.find('a')).rejects.toThrow(KeysUnavailableError);
  });

  it('say nothing of an unknown key while the issuer is down', async () => {
    const { state, keys } = issuer(new Error('down'));
    await expect(keys.find('a')).rejects.toThrow(KeysUnavailableError);
    state.answer = { keys: [jwk('a')] };
    state.now += 30_001;
    expect((await keys.find('a')).algorithm).toBe('ES256');
  });

  it('leave out a JWK without an algorithm, an encryption key and a symmetric one', async () => {
    const { state, keys } = issuer({ keys: [jwk('a'), jwk('bare', {}), jwk('enc', { alg: 'ES256', use: 'enc' }), { kty: 'oct', k: 'AAAA', kid: 'oct', alg: 'HS256' }] });
    await keys.find('a');
    for (const kid of ['bare', 'enc', 'oct']) {
      state.now += 30_001;
      await expect(keys.find(kid)).rejects.toThrow(UnknownKeyError);
    }
  });
});

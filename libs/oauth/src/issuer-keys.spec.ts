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
    expect(state.fetches).toBeLessThanOrEqual(2);
    expect(results.every((result) => result.status === 'rejected' && result.reason instanceof UnknownKeyError)).toBe(true);
    expect((await keys.find('a')).algorithm).toBe('ES256');
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
    const { keys } = issuer({ keys: [jwk('a'), jwk('bare', {}), jwk('enc', { alg: 'ES256', use: 'enc' }), { kty: 'oct', k: 'AAAA', kid: 'oct', alg: 'HS256' }] });
    await keys.find('a');
    for (const kid of ['bare', 'enc', 'oct']) await expect(keys.find(kid)).rejects.toThrow(UnknownKeyError);
  });
});

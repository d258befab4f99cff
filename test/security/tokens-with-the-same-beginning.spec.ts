import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenVerifier } from '../../src/auth/token.verifier.js';
import { Secret } from '@gatehouse-mcp/oauth';
import { startEveryProvider, type EveryProvider } from '../tools/every-provider.js';

let every: EveryProvider;

beforeAll(async () => {
  every = await startEveryProvider();
});
afterAll(() => every.stop());

const ROUNDS = 40;
const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;

/** A JWT whose subject stands behind more than a thousand characters that all of its issuer's tokens of this round share. */
async function mint(sub: string, round: number): Promise<string> {
  return every.gateway.issuer.mint({ iat: undefined, exp: expiresAt, aud: `${every.gateway.url}/mcp`, pad: `${round}`.padEnd(1_200, 'x'), sub });
}

async function subjectOf(token: string): Promise<string> {
  const answer = await every.gateway.app.get(TokenVerifier).verify(new Secret(token), undefined).catch((error: { reason?: string }) => error.reason ?? 'error');
  return typeof answer === 'string' ? answer : answer.caller.subject;
}

const forge = (token: string) => `${token.slice(0, -8)}${token.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA'}`;

/** Security attack 7. */
describe('tokens that share their first 1,000 characters', () => {
  it('are two identities, and the forged one is nobody, at the same time, cold and warm', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = await Promise.all([mint('alice', round), mint('bob', round)]);
      expect(alice.slice(0, 1_000)).toBe(bob.slice(0, 1_000));
      const forged = forge(alice);
      const tokens = round % 2 === 0 ? [forged, alice, bob] : [alice, bob, forged];
      const expected = tokens.map((token) => (token === alice ? 'alice' : token === bob ? 'bob' : 'invalid'));
      // Cold, all at once; then warm, in each order, several of each at once.
      expect(await Promise.all(tokens.map(subjectOf))).toEqual(expected);
      expect(await Promise.all([...tokens, ...tokens].map(subjectOf))).toEqual([...expected, ...expected]);
    }
  });

  it('are told apart over HTTP, where the forged one is 401 while its twin is being verified', async () => {
    const [alice, bob] = await Promise.all([mint('alice', ROUNDS), mint('bob', ROUNDS)]);
    const tokens = [alice, forge(alice), bob, forge(bob)];
    for (let time = 0; time < 3; time++) expect(await Promise.all(tokens.map((token) => every.statusOf(token)))).toEqual([200, 401, 200, 401]);
  });

  it('are told apart when they are opaque, and share one question each', async () => {
    const beginning = 'o'.repeat(1_200);
    const names = ['alice', 'bob'];
    for (const sub of names) every.introspection.activate(beginning + sub, { sub, aud: 'gatehouse', exp: expiresAt });
    every.introspection.delayMs = 50;
    const before = every.introspection.fetches.get('/introspect') ?? 0;
    const asked = [...names, 'forged', ...names, 'forged'];
    const answers = await Promise.all(asked.map((end) => subjectOf(beginning + end)));
    every.introspection.delayMs = 0;
    expect(answers).toEqual(['alice', 'bob', 'inactive', 'alice', 'bob', 'inactive']);
    expect((every.introspection.fetches.get('/introspect') ?? 0) - before).toBe(3);
    expect(await Promise.all(asked.map((end) => subjectOf(beginning + end)))).toEqual(answers);
  });
});

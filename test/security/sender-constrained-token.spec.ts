import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIRECTORY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';

let every: EveryProvider;

beforeAll(async () => {
  every = await startEveryProvider();
});
afterAll(() => every.stop());

const bindings = [{ jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }, { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' }, { kid: 'x' }, {}, null, 'x'];

/** A token of each kind of provider, with this claim. */
const kinds: Record<string, (every: EveryProvider, claims: object) => Promise<string>> = {
  oidc: ({ gateway }, claims) => gateway.token({ ...claims }),
  'entra 1.0': ({ entra }, claims) => entra.mintUserToken({ tenant: DIRECTORY, version: 1, claims: { ...claims } }),
  'entra 2.0': ({ entra }, claims) => entra.mintUserToken({ tenant: DIRECTORY, version: 2, claims: { ...claims } }),
  auth0: ({ auth0 }, claims) => auth0.mintUserToken({ ...claims }),
  okta: ({ okta }, claims) => okta.mintUserToken({ ...claims }),
  google: ({ google }, claims) => google.mintIdToken('ours.apps', { ...claims }),
  introspection: async ({ introspection }, claims) => {
    const token = randomUUID();
    introspection.activate(token, { sub: 'alice', aud: 'gatehouse', exp: Math.floor(Date.now() / 1_000) + 300, ...claims });
    return token;
  },
};

/** Security attack 28. */
describe('a token that is bound to a key, as a plain Bearer token', () => {
  it.each(Object.keys(kinds))('is refused: %s', async (kind) => {
    const mint = kinds[kind]!;
    for (const cnf of bindings) expect([cnf, await every.statusOf(await mint(every, { cnf }))]).toEqual([cnf, 401]);
    expect(await every.statusOf(await mint(every, {}))).toBe(200);
  });

  it('is refused with a proof beside it, which nobody here checks, and under the scheme DPoP', async () => {
    const token = await every.gateway.token({ cnf: { jkt: 'x' } });
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await every.gateway.post(list, { token, headers: { dpop: token } })).status).toBe(401);
    expect((await every.gateway.post(list, { headers: { authorization: `DPoP ${await every.gateway.token()}` } })).status).toBe(401);
  });
});

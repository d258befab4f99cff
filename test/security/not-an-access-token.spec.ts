import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DIRECTORY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';

let every: EveryProvider;

beforeAll(async () => {
  every = await startEveryProvider();
});
afterAll(() => every.stop());

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };

/** Each is signed by the right key for the right audience and would be accepted but for what it says of itself. */
const claims: Record<string, object> = {
  'an ID token, by its at_hash': { at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q' },
  'an ID token, by its c_hash': { c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
  'an ID token, by its nonce': { nonce: 'n-0S6_WzA2Mj' },
  'Keycloak\'s ID token': { typ: 'ID', nonce: 'n' },
  'Keycloak\'s refresh token': { typ: 'Refresh' },
  'Keycloak\'s offline token': { typ: 'Offline' },
  'Keycloak\'s registration token': { typ: 'RegistrationAccessToken' },
  'Cognito\'s ID token': { token_use: 'id' },
  'a logout token': { events },
  'a token whose typ is no text': { typ: ['Bearer'] },
};

const headers: Record<string, string> = {
  'an ID-JAG': 'oauth-id-jag+jwt',
  'an ID-JAG, with the whole media type': 'application/oauth-id-jag+jwt',
  'a DPoP proof': 'dpop+jwt',
  'a logout token': 'logout+jwt',
  'a security event token': 'secevent+jwt',
  'a client assertion': 'client-authentication+jwt',
  'a signed introspection answer': 'token-introspection+jwt',
  'an authorization request': 'oauth-authz-req+jwt',
  'an encrypted token\'s name': 'JWE',
};

/** Security attack 25. */
describe('what its issuer signed for something else than access, as a Bearer token', () => {
  it.each(Object.keys(claims))('is refused: %s', async (kind) => {
    const { gateway, auth0, okta, introspection, statusOf } = every;
    const more = claims[kind]!;
    const opaque = randomUUID();
    introspection.activate(opaque, { sub: 'alice', aud: 'gatehouse', exp: Math.floor(Date.now() / 1_000) + 300, ...more });
    const tokens = { oidc: await gateway.token({ ...more }), auth0: await auth0.mintUserToken({ ...more }), okta: await okta.mintUserToken({ ...more }), introspection: opaque };
    for (const [provider, token] of Object.entries(tokens)) expect([provider, await statusOf(token)]).toEqual([provider, 401]);
  });

  it.each(Object.keys(headers))('is refused by its header: %s', async (kind) => {
    const { gateway, statusOf } = every;
    const jwt = { sub: 'alice', aud: `${gateway.url}/mcp` };
    expect(await statusOf(await gateway.issuer.mint(jwt, { header: { typ: headers[kind] } }))).toBe(401);
    expect(await statusOf(await gateway.issuer.mint(jwt, { header: { typ: 'at+jwt' } }))).toBe(200);
  });

  it('is refused: a DPoP proof as its client makes it, with its own key in the header', async () => {
    const { gateway, statusOf } = every;
    const proof = await gateway.issuer.mint({ iss: undefined, jti: 'j', htm: 'POST', htu: `${gateway.url}/mcp`, sub: 'alice', aud: `${gateway.url}/mcp` }, { header: { typ: 'dpop+jwt', jwk: gateway.issuer.jwks.keys[0] } });
    expect(await statusOf(proof)).toBe(401);
  });

  it('is refused: Entra\'s ID token for our own application', async () => {
    const { entra, statusOf } = every;
    for (const version of [1, 2] as const) {
      const ownIdToken = { scp: undefined, azpacr: undefined, appidacr: undefined, azp: undefined, appid: undefined, aud: entra.appId, nonce: 'n' };
      expect(await statusOf(await entra.mintUserToken({ tenant: DIRECTORY, version, claims: ownIdToken }))).toBe(401);
    }
    expect(await statusOf(await entra.mintUserToken({ tenant: DIRECTORY, version: 2 }))).toBe(200);
  });

  it('is refused: an introspected refresh token that its server calls active', async () => {
    const { introspection, statusOf } = every;
    for (const type of ['refresh_token', 'Refresh', 'id_token', 'N_A', 'DPoP', 'mac', 7]) {
      const token = randomUUID();
      introspection.activate(token, { sub: 'alice', aud: 'gatehouse', exp: Math.floor(Date.now() / 1_000) + 300, token_type: type });
      expect([type, await statusOf(token)]).toEqual([type, 401]);
    }
  });

  it('is refused: Auth0\'s token without an audience, opaque or encrypted', async () => {
    const { auth0, statusOf } = every;
    expect(await statusOf(auth0.issueOpaqueToken())).toBe(401);
    expect(await statusOf(await auth0.mintEncryptedToken())).toBe(401);
  });
});

import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { DIRECTORY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const bare = generateKeyPairSync('rsa', { modulusLength: 2048 });

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['algorithms'] = ['RS256'];
    },
  });
  // Published before the gateway's first look, so that no refusal below is one of an unknown key.
  gateway.issuer.jwks.keys.push({ ...(await exportJWK(elliptic.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' });
  gateway.issuer.jwks.keys.push({ ...(await exportJWK(bare.publicKey)), kid: 'no-alg', use: 'sig' });
});
afterAll(() => gateway.stop());

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_listItems', arguments: {} } };
const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

async function payloadOf(): Promise<string> {
  return (await gateway.token()).split('.')[1]!;
}

async function expectRefused(token: string): Promise<void> {
  const before = [gateway.upstream.requests.length, gateway.issuer.tokenRequests.length];
  const response = await gateway.post(call, { token });
  expect(response.status).toBe(401);
  expect([gateway.upstream.requests.length, gateway.issuer.tokenRequests.length]).toEqual(before);
}

/** Security attack 6. */
describe('a token that is not signed the way its issuer signs', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', ''])('is refused with alg %p', async (alg) => {
    const payload = await payloadOf();
    await expectRefused(`${encode({ alg, kid: 'key-1', typ: 'at+jwt' })}.${payload}.`);
    await expectRefused(`${encode({ alg, kid: 'key-1', typ: 'at+jwt' })}.${payload}.AAAA`);
  });

  it('is refused with HS256 keyed by the public PEM', async () => {
    const pem = createPublicKey({ key: gateway.issuer.jwks.keys[0]! as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const key of [pem, String(pem).trim()]) {
      const signed = `${encode({ alg: 'HS256', kid: 'key-1', typ: 'at+jwt' })}.${await payloadOf()}`;
      await expectRefused(`${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`);
    }
  });

  it('is refused with ES256 on an RS256 issuer, even when its JWKS holds that key', async () => {
    const claims = JSON.parse(Buffer.from(await payloadOf(), 'base64url').toString()) as Record<string, unknown>;
    await expectRefused(await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'ec', typ: 'at+jwt' }).sign(elliptic.privateKey));
  });

  it('is refused with a key that its issuer does not publish', async () => {
    await expectRefused(await gateway.issuer.mint({ sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp` }, { kid: 'unknown' }));
  });

  it('is refused when its JWK has no alg', async () => {
    const claims = JSON.parse(Buffer.from(await payloadOf(), 'base64url').toString()) as Record<string, unknown>;
    await expectRefused(await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'no-alg', typ: 'at+jwt' }).sign(bare.privateKey));
  });

  it('accepts the issuer\'s own way, so the refusals above are not for another reason', async () => {
    expect((await gateway.post(call, { token: await gateway.token() })).status).toBe(200);
  });
});

describe('a token of another kind of provider that is not signed the way it signs', () => {
  let every: EveryProvider;
  beforeAll(async () => {
    every = await startEveryProvider();
  });
  afterAll(() => every.stop());

  const kinds: Record<string, readonly [mint: (every: EveryProvider) => Promise<string>, jwks: (every: EveryProvider) => string]> = {
    'entra 1.0': [({ entra }) => entra.mintUserToken({ tenant: DIRECTORY, version: 1 }), ({ entra }) => `${entra.url}/${DIRECTORY}/discovery/v2.0/keys`],
    'entra 2.0': [({ entra }) => entra.mintUserToken({ tenant: DIRECTORY, version: 2 }), ({ entra }) => `${entra.url}/${DIRECTORY}/discovery/v2.0/keys`],
    auth0: [({ auth0 }) => auth0.mintUserToken(), ({ auth0 }) => `${auth0.url}/.well-known/jwks.json`],
    okta: [({ okta }) => okta.mintUserToken(), ({ okta }) => `${okta.issuer}/v1/keys`],
    google: [({ google }) => google.mintIdToken('ours.apps'), ({ google }) => google.jwksUri],
  };

  it.each(Object.keys(kinds))('is refused: %s', async (kind) => {
    const [mint, jwks] = kinds[kind]!;
    const good = await mint(every);
    const [header = '', payload = '', signature = ''] = good.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const { keys } = (await (await fetch(jwks(every))).json()) as { keys: { kid: string; kty: string; n: string; e: string }[] };
    const { kty, n, e } = keys.find((key) => key.kid === kid)!;
    const publicKey = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    const secrets = [publicKey.export({ type: 'spki', format: 'pem' }), publicKey.export({ type: 'spki', format: 'der' }), Buffer.from(n, 'base64url'), n, ''];
    const hs = `${encode({ alg: 'HS256', kid, typ: 'JWT' })}.${payload}`;
    const wrong = [
      ...['none', 'None', 'NONE'].flatMap((alg) => [`${encode({ alg, kid, typ: 'JWT' })}.${payload}.`, `${encode({ alg, kid, typ: 'JWT' })}.${payload}.${signature}`]),
      ...secrets.map((secret) => `${hs}.${createHmac('sha256', secret).update(hs).digest('base64url')}`),
      // Our own key under the provider's name, by RS256 and by what the provider does not use.
      await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>).setProtectedHeader({ alg: 'RS256', kid }).sign(bare.privateKey),
      await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>).setProtectedHeader({ alg: 'ES256', kid }).sign(elliptic.privateKey),
      await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>).setProtectedHeader({ alg: 'PS256', kid }).sign(bare.privateKey),
    ];
    for (const token of wrong) expect(await every.statusOf(token)).toBe(401);
    expect(await every.statusOf(good)).toBe(200);
  });
});

import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Keycloak, type PublishedKey } from '../tools/keycloak/keycloak.js';
import { startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';

const keycloak = new Keycloak();
let gateway: KeycloakGateway;
let good: string;
let key: PublishedKey;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak);
  good = await keycloak.accessToken();
  const { kid } = JSON.parse(Buffer.from(good.split('.')[0]!, 'base64url').toString()) as { kid: string };
  key = (await keycloak.keys()).find((published) => published.kid === kid)!;
});
afterAll(() => gateway.stop());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const withHeader = (header: object) => `${encode(header)}.${good.split('.')[1]}`;

async function expectRefused(token: string): Promise<void> {
  const before = gateway.upstream.requests.length;
  const response = await gateway.call(token, 'orders_getOrder');
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  expect(gateway.upstream.requests).toHaveLength(before);
}

describe('a token of this realm that is not for this gateway', () => {
  it('is refused: another application\'s access token, without any audience', async () => {
    const token = await keycloak.accessToken({ client: 'stranger-client', scope: 'openid' });
    expect(decodeJwt(token)).not.toHaveProperty('aud');
    await expectRefused(token);
  });

  it('is refused: one for the API behind the gateway', async () => {
    const token = await keycloak.accessToken({ client: 'stranger-client', scope: 'openid orders:read' });
    expect(decodeJwt(token).aud).toBe('orders-api');
    await expectRefused(token);
  });

  it('is refused: an ID token and a refresh token', async () => {
    const { id_token: idToken, refresh_token: refreshToken } = await keycloak.grant();
    await expectRefused(idToken!);
    await expectRefused(refreshToken);
  });
});

/** Security attack 6, with the keys of a real provider. */
describe('a token signed with what Keycloak publishes', () => {
  it('is refused: alg none', async () => {
    for (const alg of ['none', 'None', 'NONE']) await expectRefused(`${withHeader({ alg, kid: key.kid, typ: 'JWT' })}.`);
  });

  it('is refused: HS256 keyed by the public key or its certificate, in each form', async () => {
    const publicKey = createPublicKey({ key: { kty: key.kty, n: key.n, e: key.e }, format: 'jwk' });
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const certificate = key.x5c[0]!;
    const secrets = [pem, pem.trim(), publicKey.export({ type: 'spki', format: 'der' }), key.n, certificate, Buffer.from(certificate, 'base64')];
    for (const secret of secrets) {
      const signed = withHeader({ alg: 'HS256', kid: key.kid, typ: 'JWT' });
      await expectRefused(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    }
  });

  it('is refused: the kid of the realm\'s encryption key, or another signature', async () => {
    const encryption = (await keycloak.keys()).find(({ use }) => use === 'enc')!;
    const [, , signature] = good.split('.');
    await expectRefused(`${withHeader({ alg: 'RS256', kid: encryption.kid, typ: 'JWT' })}.${signature}`);
    await expectRefused(`${good.slice(0, -8)}AAAAAAAA`);
  });

  it('accepts the realm\'s own way, so the refusals above are not for another reason', async () => {
    expect((await gateway.call(good, 'orders_getOrder')).status).toBe(200);
  });
});

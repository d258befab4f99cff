import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';

const seconds = (from: number) => Math.floor(Date.now() / 1_000) + from;
const secrets = { 'env:SECRET': 'p+s w%rd' };
let server: FakeIntrospection;
let corp: TestSignIn;

beforeAll(async () => {
  server = await FakeIntrospection.start();
  server.registerClient({ id: 'gate:house', secret: 'p+s w%rd' });
  corp = await startSignIn({ corp: { preset: 'introspection', issuer: server.issuer, clientId: 'gate:house', clientSecret: 'env:SECRET', audiences: ['gatehouse'] } }, { secrets });
});
afterAll(async () => {
  await Promise.all([corp.stop(), server.stop()]);
});

const verify = (members: object) => {
  server.activate('opaque', { sub: 'alice', aud: 'gatehouse', exp: seconds(300), ...members });
  return corp.verify('opaque');
};

describe('introspection', () => {
  it('describes the caller of an active token, its client and who acts for it', async () => {
    const { caller, audiences } = await verify({ scope: 'orders:read openid', client_id: 'agent', username: 'Alice', token_type: 'Bearer', act: { sub: 'agent', act: { sub: 'earlier' } }, iat: seconds(-5) });
    expect(caller).toMatchObject({ issuer: server.issuer, subject: 'alice', name: 'Alice', clientId: 'agent', actors: ['agent', 'earlier'], scopes: new Set(['orders:read', 'openid']) });
    expect(audiences).toEqual(['gatehouse']);
  });

  it.each([
    ['inactive', { exp: seconds(-120) }, 'inactive'],
    ['of another issuer', { iss: 'https://other.example' }, 'unknown_issuer'],
    ['of another kind', { token_type: 'DPoP' }, 'token_type'],
    ['a refresh token', { token_type: 'refresh_token' }, 'token_type'],
    ['bound to a key (attack 28)', { cnf: { jkt: 'x' } }, 'sender_constrained'],
    ['nobody\'s', { sub: undefined }, 'no_subject'],
    ['too long-lived (attack 24)', { exp: seconds(10 * 365 * 86_400) }, 'lifetime'],
  ])('refuses a token that is %s', async (_, members, reason) => {
    await expect(verify(members)).rejects.toMatchObject({ reason });
  });

  it('has no audience to go by when the answer has none: the guard refuses it (attack 3)', async () => {
    expect((await verify({ aud: undefined })).audiences).toEqual([]);
    expect((await verify({ aud: { a: 1 } })).audiences).toEqual([]);
  });

  it.each([
    ['500', { status: 500, body: 'oops' }],
    ['200 with garbage', { status: 200, body: '<html>', headers: { 'content-type': 'application/json' } }],
    ['200 without active', { status: 200, body: '{"sub":"alice"}', headers: { 'content-type': 'application/json' } }],
    ['401 to our client', { status: 401, body: '{"error":"invalid_client"}', headers: { 'content-type': 'application/json' } }],
  ])('says 503 when the endpoint answers %s (fault 4)', async (_, answer) => {
    server.fixed.set('/introspect', answer);
    await expect(corp.verify('opaque')).rejects.toMatchObject({ status: 503 });
    server.fixed.delete('/introspect');
  });

  it.each(['ES256', 'PS256'] as const)('proves itself by private_key_jwt with %s', async (signingAlgorithm) => {
    const { privateKey, publicKey } = signingAlgorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2_048 });
    server.registerClient({ id: 'keyed', key: { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: signingAlgorithm } as never });
    const settings = { preset: 'introspection', issuer: server.issuer, clientId: 'keyed', privateKey: 'env:KEY', keyId: 'k1', signingAlgorithm };
    const keyed = await startSignIn({ corp: settings }, { secrets: { 'env:KEY': privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() } });
    server.activate('opaque', { sub: 'alice', exp: seconds(300) });
    await expect(keyed.verify('opaque')).resolves.toMatchObject({ caller: { subject: 'alice' } });
    // Each question has an assertion of its own: the endpoint takes none twice.
    await expect(keyed.verify('opaque')).resolves.toBeDefined();
    await keyed.stop();
  });

  it('refuses a private key that is none, by the name of its setting', async () => {
    const settings = { preset: 'introspection', issuer: server.issuer, clientId: 'keyed', privateKey: 'env:KEY' };
    await expect(startSignIn({ corp: settings }, { secrets: { 'env:KEY': 'not a key' } })).rejects.toThrow(/providers\.corp\.privateKey: is no private key in PEM for RS256/);
  });
});

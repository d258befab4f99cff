import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIntrospection } from './fake-introspection.js';
import { secondsFromNow, SigningKey } from './signing-key.js';

let server: FakeIntrospection;
let key: SigningKey;

beforeAll(async () => {
  [server, key] = await Promise.all([FakeIntrospection.start(), SigningKey.generate('client-key', 'ES256')]);
  server.registerClient({ id: 'gate:house', secret: 'p+s w%rd' });
  server.registerClient({ id: 'keyed', key: key.jwk });
});
afterAll(() => server.stop());

const ask = (fields: Record<string, string>, headers: Record<string, string> = {}) => fetch(server.endpoint, { method: 'POST', headers, body: new URLSearchParams(fields) });
const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
const encoded = basic('gate%3Ahouse', 'p%2Bs+w%25rd');
const assertion = (claims: object = {}) => key.sign({ iss: 'keyed', sub: 'keyed', aud: server.issuer, jti: randomUUID(), exp: secondsFromNow(30), ...claims });
const askWith = async (text: string, fields: Record<string, string> = {}) => ask({ token: 'x', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: text, ...fields });

describe('the fake introspection endpoint', () => {
  it('describes an active token as the test said, and nothing of any other', async () => {
    server.activate('opaque', { scope: 'orders:read', client_id: 'agent', sub: 'alice', aud: ['a', 'b'], act: { sub: 'agent' }, exp: secondsFromNow(60), token_type: 'Bearer' });
    server.activate('old', { sub: 'alice', exp: secondsFromNow(-1) });
    expect(await (await ask({ token: 'opaque' }, encoded)).json()).toMatchObject({ active: true, sub: 'alice', aud: ['a', 'b'], act: { sub: 'agent' } });
    server.end('opaque');
    for (const token of ['opaque', 'old', 'invented']) expect(await (await ask({ token }, encoded)).json()).toEqual({ active: false });
    expect((await ask({}, encoded)).status).toBe(400);
    expect(server.fetches.get('/introspect')).toBe(5);
  });

  it('believes no secret that is not form-encoded first', async () => {
    expect((await ask({ token: 'x' }, encoded)).status).toBe(200);
    expect((await ask({ token: 'x' }, basic('gate:house', 'p+s w%rd'))).status).toBe(401);
    expect((await ask({ token: 'x' }, basic('gate%3Ahouse', 'wrong'))).status).toBe(401);
    expect((await ask({ token: 'x' })).status).toBe(401);
  });

  it('takes an assertion for its issuer or its token endpoint, once', async () => {
    const used = await assertion();
    expect((await askWith(used)).status).toBe(200);
    expect((await askWith(await assertion({ aud: [server.tokenEndpoint] }), { client_id: 'keyed' })).status).toBe(200);
    expect((await askWith(used)).status).toBe(401);
    expect(server.refusals.at(-1)).toBe('the assertion was used before');
  });

  it.each([
    ['"aud"', { aud: 'https://elsewhere.example' }],
    ['longer than 60 s', { exp: secondsFromNow(300) }],
    ['"exp"', { exp: undefined }],
    ['"exp"', { exp: secondsFromNow(-5) }],
    ['"jti"', { jti: undefined }],
    ['"iss"', { iss: 'other' }],
    ['no such client', { sub: 'gate:house', iss: 'gate:house' }],
  ])('refuses an assertion for %s: %j', async (reason, claims) => {
    expect((await askWith(await assertion(claims))).status).toBe(401);
    expect(server.refusals.at(-1)).toContain(reason);
  });

  it('refuses an assertion of another key, and two ways at once', async () => {
    const stranger = await SigningKey.generate('client-key', 'ES256');
    const forged = await stranger.sign({ iss: 'keyed', sub: 'keyed', aud: server.issuer, jti: 'j', exp: secondsFromNow(30) });
    expect((await askWith(forged)).status).toBe(401);
    expect(server.refusals.at(-1)).toContain('signature');
    expect((await ask({ token: 'x', client_assertion: await assertion() }, encoded)).status).toBe(401);
  });

  it('can be slow, down or talk nonsense', async () => {
    server.delayMs = 300;
    await expect(fetch(server.endpoint, { method: 'POST', signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    server.delayMs = 0;
    server.fixed.set('/introspect', { status: 200, body: '<html>' });
    await expect((await ask({ token: 'x' }, encoded)).json()).rejects.toThrow('JSON');
  });
});

import { SigningKey } from '@gatehouse-mcp/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let unknown: string;
let round = 0;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const json = { 'content-type': 'application/json' };
/** The cap, and what a shared machine adds to it. */
const CAP_MS = 2_000 + 900;

beforeAll(async () => {
  gateway = await startGateway();
  const now = Math.floor(Date.now() / 1_000);
  const key = await SigningKey.generate('not-published');
  unknown = await key.sign({ iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, iat: now, exp: now + 3_000 }, { typ: 'at+jwt' });
  await statusOf(await gateway.token());
});
afterAll(async () => {
  jest.restoreAllMocks();
  await gateway.stop();
});
afterEach(() => {
  gateway.issuer.fixed.clear();
  gateway.issuer.delayMs = 0;
});

const statusOf = async (token: string) => (await gateway.post(list, { token })).status;
const monotonic = performance.now.bind(performance);

/** Each round the gateway may look at the keys again. */
function nextWindow(): void {
  round += 1;
  const offset = round * 31_000;
  jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + offset);
}

/** Fault 2. */
describe('a JWKS endpoint that', () => {
  it.each([
    ['answers 500', { status: 500, body: 'oops' }],
    ['answers 404', { status: 404, body: '{}', headers: json }],
    ['answers 429', { status: 429, body: '', headers: { 'retry-after': '5' } }],
    ['answers with HTML', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['answers with half of the JSON', { status: 200, body: '{"keys":[{"kty":"RSA"', headers: json }],
    ['answers with no keys', { status: 200, body: '{"keys":[]}', headers: json }],
    ['answers with something else', { status: 200, body: '[]', headers: json }],
    ['answers null', { status: 200, body: 'null', headers: json }],
    ['answers with keys that are none', { status: 200, body: '{"keys":[null,7,"x",{"kid":"key-1"},{"kid":"key-1","kty":"RSA","alg":"RS256","use":"sig","n":"!","e":"?"}]}', headers: json }],
    ['redirects', { status: 302, body: '', headers: { location: '/elsewhere' } }],
    ['answers with nothing', { status: 200, body: '' }],
  ])('%s takes no good key away, and makes an unknown one 503', async (_, answer) => {
    nextWindow();
    gateway.issuer.fixed.set('/jwks', answer);
    expect(await statusOf(unknown)).toBe(503);
    expect(await statusOf(await gateway.token({ jti: `${round}` }))).toBe(200);
    expect(gateway.issuer.fetches.get('/elsewhere')).toBeUndefined();
  });

  it('is slow is waited for 2 s and no longer, its metadata included, and known keys do not wait', async () => {
    nextWindow();
    gateway.issuer.delayMs = 1_500;
    const started = monotonic();
    const waiting = statusOf(unknown);
    expect(await statusOf(await gateway.token({ jti: 'beside' }))).toBe(200);
    expect(monotonic() - started).toBeLessThan(1_000);
    expect(await waiting).toBe(503);
    expect(monotonic() - started).toBeLessThan(CAP_MS);
  });

  it('hangs is waited for 2 s and no longer, by all who wait together', async () => {
    nextWindow();
    gateway.issuer.delayMs = 20_000;
    const started = monotonic();
    expect(await Promise.all([statusOf(unknown), statusOf(unknown), statusOf(unknown)])).toEqual([503, 503, 503]);
    expect(monotonic() - started).toBeLessThan(CAP_MS);
  });

  it('is right again is read again: the unknown key is unknown, and 401', async () => {
    nextWindow();
    expect(await statusOf(unknown)).toBe(401);
  });
});

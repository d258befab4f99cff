import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let subject = 0;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.issuer.fixed.clear();
  gateway.issuer.grantedScope = undefined;
  gateway.issuer.delayMs = 0;
});

const json = { 'content-type': 'application/json' };

/** The text of a refused call by somebody new, so that no cached token helps. */
async function refusal(claims: object = {}, tool = 'items_getItem'): Promise<string> {
  const before = gateway.upstream.requests.length;
  const { result } = await gateway.call(await gateway.token({ sub: `user-${subject++}`, ...claims }), tool, { id: 'x' });
  expect(result?.isError).toBe(true);
  expect(gateway.upstream.requests).toHaveLength(before);
  return result?.content?.[0]?.text ?? '';
}

describe('an exchange that brings no token', () => {
  it.each([
    [400, '{"error":"invalid_grant","error_description":"the session has ended"}', 'invalid_grant: the session has ended'],
    [400, '{"error":"invalid_request","error_description":"client not allowed"}', 'invalid_request: client not allowed'],
    [401, '{"error":"invalid_client"}', 'invalid_client'],
    [500, 'Internal Server Error', 'answered 500'],
    [429, '{}', 'answered 429'],
    [200, '<html>', 'not a token response'],
    [200, '{"access_token":"x","token_type":"DPoP","issued_token_type":"y"}', 'not a token response'],
    [302, '', 'not a token response'],
    [200, '{"access_token":"x","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}', 'its token_type is not Bearer'],
    [200, '{"access_token":"x","token_type":"Bearer","issued_token_type":"urn:ietf:params:oauth:token-type:id_token"}', 'its issued_token_type is not urn:ietf:params:oauth:token-type:access_token'],
    [200, '{"access_token":"x","token_type":"Bearer","expires_in":0}', 'the token has expired already'],
    [200, '{"access_token":"x","token_type":"Bearer","expires_in":-60}', 'the token has expired already'],
    [200, `{"access_token":"e30.${Buffer.from('{"exp":1000000000}').toString('base64url')}.x","token_type":"Bearer","expires_in":300}`, 'the token has expired already'],
    [200, `{"access_token":"${'x'.repeat(300_000)}","token_type":"Bearer"}`, 'answered with more than 262144 bytes'],
  ])('says which exchange and why, asks once and calls no API: %i %.100s', async (status, body, reason) => {
    gateway.issuer.fixed.set('/token', { status, body, headers: json });
    const asked = gateway.issuer.fetches.get('/token') ?? 0;
    const text = await refusal();
    expect(gateway.issuer.fetches.get('/token')).toBe(asked + 1);
    expect(text).toContain('the token exchange for API "items" at provider "corp" failed');
    expect(text).toContain(reason);
    expect(text).not.toContain(gateway.secret);
  });

  it('is one that ends at a page for people', async () => {
    gateway.issuer.fixed.set('/token', { status: 200, body: '<!doctype html><title>Sign in</title>', headers: { 'content-type': 'text/html' } });
    const text = await refusal();
    expect(text).toContain('it is no JSON object');
    expect(text).not.toContain('<');
  });

  it('is one that takes longer than 5 s', async () => {
    gateway.issuer.delayMs = 5_400;
    const started = performance.now();
    expect(await refusal()).toContain('the token endpoint cannot be reached');
    expect(performance.now() - started).toBeLessThan(5_900);
  }, 15_000);

  it('hands on how long to wait, and does not ask until then', async () => {
    gateway.issuer.fixed.set('/token', { status: 429, body: '{}', headers: { ...json, 'retry-after': '1' } });
    expect(await refusal()).toContain('try again in 1 s');
    const asked = gateway.issuer.fetches.get('/token');
    gateway.issuer.fixed.clear();
    expect(await refusal()).toContain('asked to be left alone for a while; try again in 1 s');
    expect(gateway.issuer.fetches.get('/token')).toBe(asked);
    await new Promise((done) => setTimeout(done, 1_050));
  });

  it('is on record as a failure', async () => {
    gateway.issuer.fixed.set('/token', { status: 400, body: '{"error":"invalid_grant"}', headers: json });
    await refusal({ sub: 'recorded' });
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 });
    expect(rows.filter((row) => row.subject === 'recorded' && row.kind === 'outcome').map(({ result, upstreamStatus }) => [result, upstreamStatus])).toEqual([['failure', null]]);
  });

  it('is tried again by the next call: a failure is not remembered', async () => {
    const token = await gateway.token({ sub: 'patient' });
    gateway.issuer.fixed.set('/token', { status: 500, body: '' });
    expect((await gateway.call(token, 'items_getItem', { id: 'x' })).result?.isError).toBe(true);
    gateway.issuer.fixed.clear();
    expect((await gateway.call(token, 'items_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
  });
});

describe('an exchange that grants something else than was asked', () => {
  it('serves where it does not say for how long', async () => {
    gateway.issuer.fixed.set('/token', { status: 200, body: '{"access_token":"opaque","token_type":"bearer"}', headers: json });
    expect((await gateway.call(await gateway.token({ sub: 'endless' }), 'items_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
    expect(gateway.upstream.last.headers['authorization']).toBe('Bearer opaque');
  });

  it('asks only for the API\'s scopes that the caller holds', async () => {
    await gateway.call(await gateway.token({ sub: 'reader', scope: 'openid items:read profile' }), 'items_getItem', { id: 'x' });
    expect(gateway.issuer.tokenRequests.at(-1)?.parameters.get('scope')).toBe('items:read');
    expect(gateway.issuer.tokenRequests.at(-1)?.parameters.getAll('audience')).toEqual(['items-api']);
  });

  it('does not use a token that can do more than the caller may', async () => {
    gateway.issuer.grantedScope = 'items:read items:write';
    expect(await refusal({ scope: 'items:read' })).toContain('granted more than was asked for (items:write)');
  });

  it('does not call with a token that cannot do the operation', async () => {
    gateway.issuer.grantedScope = 'items:read';
    const text = await refusal({}, 'items_deleteItem');
    expect(text).toContain('the token for API "items" was not granted items:write, which this operation needs');
    expect(text).toContain('Sign in again with the scope items:write');
  });
});

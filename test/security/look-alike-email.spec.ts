import { FakeIssuer } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let stranger: FakeIssuer;

beforeAll(async () => {
  stranger = await FakeIssuer.start();
  gateway = await startGateway({
    change: (settings) => {
      settings['providers'] = { ...(settings['providers'] as object), stranger: { preset: 'oidc', issuer: stranger.url } };
      settings['tenants'] = { acme: { rules: [{ provider: 'corp', emailDomains: ['acme.com', 'ack.com'] }] }, globex: { rules: [{ provider: 'stranger', emailDomains: ['globex.com'] }] } };
      (settings['egress'] as { allow: string[] }).allow.push(stranger.host);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await stranger.stop();
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const statusOf = async (claims: object) => (await gateway.post(list, { token: await gateway.token({ tenant: undefined, ...claims }) })).status;

const lookAlikes: readonly unknown[] = [
  'u@acme.com@evil.com',
  '"u@acme.com"@evil.com',
  'u@evil.com,u@acme.com',
  'u@evil.com;u@acme.com',
  'u@evil.com u@acme.com',
  'u@evil.com\nu@acme.com',
  'u@evil.com\0@acme.com',
  'u@evil.com#@acme.com ',
  '<u@acme.com>',
  'U <u@acme.com>',
  'mailto:u@acme.com',
  'u@acme.com.evil.com',
  'u@notacme.com',
  'u@sub.acme.com',
  'u@-acme.com',
  'u@\u0430cme.com', // Cyrillic а
  'u@\uff41cme.com', // full-width a
  'u@acme\u3002com', // ideographic full stop
  'u@acme\uff0ecom', // full-width full stop
  'u@acme.com.', // trailing dot
  'u@ac\u212a.com', // Kelvin sign, which lower-cases to k
  'u@a\u200bcme.com', // zero-width space
  'u@acme.com\u200b',
  'u@acme.c\u00f6m',
  'u@xn--cme-7cd.com',
  'u@ACME.COM',
  'u@acme.com ',
  ' u@acme.com',
  'u@acme.com\n',
  'u@acme.com\r\nbcc: x@evil.com',
  'u@acme%2ecom',
  'u@[acme.com]',
  'u@acme.com/evil.com',
  '@acme.com',
  'acme.com',
  `${'u'.repeat(65)}@acme.com`,
  ['u@acme.com'],
  { toString: 'u@acme.com' },
  7,
  null,
  undefined,
  '',
];

/** Security attack 16. */
describe('an e-mail address that only looks like the tenant\'s', () => {
  it.each(lookAlikes.map((email) => [email]))('is no tenant: %j', async (email) => {
    expect(await statusOf({ email, email_verified: true })).toBe(403);
  });

  it.each([[false], ['false'], ['true'], [undefined], [null], [1], [{}], [[true]]])('is no tenant when email_verified is %j', async (verified) => {
    expect(await statusOf({ email: 'u@acme.com', email_verified: verified })).toBe(403);
  });

  it('is no tenant from another issuer that says the same, verified', async () => {
    const aud = `${gateway.url}/mcp`;
    const said = async (email: string) => (await gateway.post(list, { token: await stranger.mint({ sub: 'u', aud, email, email_verified: true }) })).status;
    expect(await said('u@acme.com')).toBe(403);
    expect(await said('u@globex.com')).toBe(200);
  });

  it('is the tenant\'s when it is, so the refusals above are not for another reason', async () => {
    for (const email of ['u@acme.com', 'u.v+w@acme.com', 'u@ack.com']) expect(await statusOf({ email, email_verified: true })).toBe(200);
  });
});

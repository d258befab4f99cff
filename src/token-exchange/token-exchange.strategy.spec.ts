import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { decodeJwt } from 'jose';
import { refusalOf, startLinks, type TestLinks } from '../../test/tools/links.js';

const link = { type: 'token-exchange', provider: 'corp', clientId: 'gate house', clientSecret: 'env:SECRET', audience: ['items-api', 'more'] };
let issuer: FakeIssuer;
let links: TestLinks;
let subject = 0;

const start = (more: object = {}) => {
  links = startLinks([{ ...link, ...more }], { providers: { corp: { preset: 'keycloak', issuer: issuer.url } }, secrets: { SECRET: 's+e/c:r=et', ACTOR: 'actor-secret' } });
  return links;
};
/** A new user, so that nothing of the call before helps. */
const user = async () => ({ token: await issuer.mint({ sub: `user-${subject++}` }), caller: { provider: 'corp', issuer: issuer.url, subject: `user-${subject}` } });
const json = { 'content-type': 'application/json' };
const answer = (body: object) => issuer.fixed.set('/token', { status: 200, body: JSON.stringify(body), headers: json });

beforeAll(async () => {
  issuer = await FakeIssuer.start();
});
afterAll(() => issuer.stop());
afterEach(async () => {
  issuer.fixed.clear();
  issuer.delayMs = 0;
  await links.stop();
});

describe('token-exchange', () => {
  it('sends what RFC 8693 §2.1 says, and what Keycloak reads', async () => {
    start();
    const { token, caller } = await user();
    const credential = await links.obtain({ token, caller, scopes: ['items:read', 'items:write'] });
    const { headers, body, method } = issuer.requests.at(-1)!;
    expect([method, headers['content-type']]).toEqual(['POST', 'application/x-www-form-urlencoded;charset=UTF-8']);
    // The client's id and secret are form-encoded before they are put together (RFC 6749 §2.3.1).
    expect(headers.authorization).toBe(`Basic ${Buffer.from('gate+house:s%2Be%2Fc%3Ar%3Det').toString('base64')}`);
    expect(new URLSearchParams(body).toString().split('&').toSorted()).toEqual(
      new URLSearchParams([
        ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
        ['subject_token', token],
        ['subject_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
        ['requested_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
        ['audience', 'items-api'],
        ['audience', 'more'],
        ['scope', 'items:read items:write'],
      ]).toString().split('&').toSorted(),
    );
    expect(credential).toMatchObject({ actor: 'gate house', scopes: ['items:read', 'items:write'], isNarrowed: true, placement: { in: 'header', name: 'authorization', prefix: 'Bearer ' } });
    expect(decodeJwt(credential.placement!.secret.reveal()).aud).toBe('items-api');
  });

  it('only names the client where the TLS connection proves it (RFC 8705 §2.1)', async () => {
    start({ clientSecret: undefined, clientAuthentication: 'tls_client_auth' });
    await links.obtain(await user());
    const { parameters, authorization } = issuer.tokenRequests.at(-1)!;
    expect([parameters.get('client_id'), parameters.get('client_secret'), authorization]).toEqual(['gate house', null, undefined]);
  });

  it('sends the token of an actor beside the caller\'s, obtained once for all callers', async () => {
    start({ actor: { clientId: 'agent', clientSecret: 'env:ACTOR', scope: 'act' }, resource: 'https://items.example', requestedTokenType: 'jwt' });
    const before = issuer.tokenRequests.length;
    await links.obtain(await user());
    await links.obtain(await user());
    const [grant, first, second, ...more] = issuer.tokenRequests.slice(before);
    expect(more).toEqual([]);
    expect(Object.fromEntries(grant!.parameters)).toEqual({ grant_type: 'client_credentials', scope: 'act' });
    expect(grant!.authorization).toBe(`Basic ${Buffer.from('agent:actor%2Dsecret').toString('base64')}`);
    for (const { parameters } of [first!, second!]) {
      expect(decodeJwt(parameters.get('actor_token')!).sub).toBe('agent');
      expect(parameters.get('actor_token_type')).toBe('urn:ietf:params:oauth:token-type:access_token');
      expect(parameters.get('requested_token_type')).toBe('urn:ietf:params:oauth:token-type:jwt');
      expect(parameters.get('resource')).toBe('https://items.example');
    }
  });

  it('shows the token of another provider to nobody', async () => {
    start();
    const before = issuer.requests.length;
    expect(await refusalOf(links.obtain({ token: 'x', caller: { provider: 'other' } }))).toContain('you are signed in at provider "other"');
    expect(await refusalOf(links.obtain({ caller: { provider: 'corp' } }))).toContain('your credential is no token that can be exchanged');
    expect(issuer.requests).toHaveLength(before);
  });

  it.each<[string, object, string]>([
    ['another kind of token', { token_type: 'DPoP' }, 'its token_type is not Bearer'],
    ['no kind of token', { token_type: undefined }, 'its token_type is not Bearer'],
    ['another type than was asked for', { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'its issued_token_type is not'],
    ['a token that has expired', { expires_in: 0 }, 'the token has expired already'],
    ['a JWT that has expired', { access_token: `e30.${Buffer.from('{"exp":1}').toString('base64url')}.x` }, 'the token has expired already'],
    ['no time', { expires_in: 'soon' }, 'its expires_in is no number'],
    ['no token', { access_token: 7 }, 'it has no access_token'],
    ['a token that cannot be sent', { access_token: 'a\r\nb' }, 'cannot stand in a header'],
  ])('refuses an answer with %s', async (_, change, reason) => {
    start();
    answer({ access_token: 'x', token_type: 'Bearer', expires_in: 300, ...change });
    expect(await refusalOf(links.obtain(await user()))).toContain(reason);
  });

  it('reads no more than it needs of a huge answer, and waits no longer than 5 s for a slow one', async () => {
    start();
    answer({ access_token: 'x'.repeat(300_000), token_type: 'Bearer' });
    expect(await refusalOf(links.obtain(await user()))).toContain('answered with more than 262144 bytes');
    issuer.fixed.clear();
    issuer.delayMs = 5_400;
    expect(await refusalOf(links.obtain(await user()))).toContain('cannot be reached');
  }, 15_000);

  it('waits no longer than 5 s for an answer that comes byte by byte', async () => {
    const drip = createServer((_request, response) => {
      response.writeHead(200, json);
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve));
    const { port } = drip.address() as AddressInfo;
    issuer.fixed.set('/.well-known/openid-configuration', { status: 200, body: JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks`, token_endpoint: `http://127.0.0.1:${port}/token` }), headers: json });
    start();
    const started = performance.now();
    try {
      expect(await refusalOf(links.obtain(await user()))).toContain('cannot be reached');
      expect(performance.now() - started).toBeLessThan(6_500);
    } finally {
      drip.closeAllConnections();
      drip.close();
    }
  }, 15_000);

  it('keeps a token without expires_in', async () => {
    start();
    answer({ access_token: 'opaque', token_type: 'Bearer' });
    const one = await user();
    const [first, second] = [await links.obtain(one), await links.obtain(one)];
    expect(second.placement!.secret).toBe(first.placement!.secret);
  });

  it('reads what is wrong from the body, whatever challenge stands beside it', async () => {
    start();
    issuer.fixed.set('/token', { status: 401, body: '{"error":"invalid_client","error_description":"Invalid client credentials"}', headers: { ...json, 'www-authenticate': 'Basic realm="x"' } });
    expect(await refusalOf(links.obtain(await user()))).toContain('invalid_client: Invalid client credentials');
  });

  it('says what the server says, but no token and on one line', async () => {
    start();
    const { token, caller } = await user();
    issuer.fixed.set('/token', { status: 400, body: JSON.stringify({ error: 'invalid_request', error_description: `bad token ${token}\r\nand more` }), headers: json });
    const text = await refusalOf(links.obtain({ token, caller }));
    expect(text).toContain('bad token [token] and more');
    expect(text).not.toContain(token.split('.')[1]);
  });
});

describe('what a token endpoint refused', () => {
  it.each(['invalid_grant', 'access_denied', 'interaction_required'])('is not asked again at once: %s', async (error) => {
    start();
    issuer.fixed.set('/token', { status: 400, body: JSON.stringify({ error }), headers: json });
    const [one, other] = [await user(), await user()];
    const before = issuer.fetches.get('/token') ?? 0;
    const first = await refusalOf(links.obtain(one));
    for (let count = 0; count < 5; count++) expect(await refusalOf(links.obtain(one))).toBe(first);
    expect(issuer.fetches.get('/token')).toBe(before + 1);
    // Another user's question is another.
    await refusalOf(links.obtain(other));
    expect(issuer.fetches.get('/token')).toBe(before + 2);
  });

  it('is asked again where it may pass', async () => {
    start();
    issuer.fixed.set('/token', { status: 400, body: '{"error":"temporarily_unavailable"}', headers: json });
    const one = await user();
    await refusalOf(links.obtain(one));
    issuer.fixed.clear();
    expect((await links.obtain(one)).actor).toBe('gate house');
  });

  it('is forgotten with the tokens, after a revocation', async () => {
    start();
    issuer.fixed.set('/token', { status: 400, body: '{"error":"invalid_grant"}', headers: json });
    const one = await user();
    await refusalOf(links.obtain(one));
    issuer.fixed.clear();
    links.tokens.clear();
    expect((await links.obtain(one)).actor).toBe('gate house');
  });
});

describe('a token endpoint that fails', () => {
  it('is left alone after five failures in a row', async () => {
    start();
    issuer.fixed.set('/token', { status: 503, body: '' });
    const before = issuer.fetches.get('/token') ?? 0;
    for (let count = 0; count < 12; count++) await refusalOf(links.obtain(await user()));
    expect(issuer.fetches.get('/token')).toBe(before + 5);
    issuer.fixed.clear();
    expect(await refusalOf(links.obtain(await user()))).toContain('does not answer; it is tried again shortly');
  });

  it('is left alone for as long as it asks', async () => {
    start();
    issuer.fixed.set('/token', { status: 429, body: '{}', headers: { ...json, 'retry-after': '30' } });
    const before = issuer.fetches.get('/token') ?? 0;
    expect(await refusalOf(links.obtain(await user()))).toContain('answered 429; try again in 30 s');
    expect(await refusalOf(links.obtain(await user()))).toContain('try again in 30 s');
    expect(issuer.fetches.get('/token')).toBe(before + 1);
  });
});

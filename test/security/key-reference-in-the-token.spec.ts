import { RecordingUpstream, SigningKey } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let canary: RecordingUpstream;
let key: SigningKey;

beforeAll(async () => {
  canary = await RecordingUpstream.start();
  // Even where egress would allow it.
  gateway = await startGateway({ change: (settings) => void (settings['egress'] as { allow: string[] }).allow.push(new URL(canary.url).host) });
  key = await SigningKey.generate('attacker');
});
afterAll(async () => {
  await gateway.stop();
  await canary.stop();
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** Security attack 27. */
describe('a token that brings its key or says where it is', () => {
  const references: Record<string, () => object> = {
    jku: () => ({ jku: `${canary.url}/jwks` }),
    x5u: () => ({ x5u: `${canary.url}/cert.pem` }),
    jwk: () => ({ jwk: key.jwk }),
    x5c: () => ({ x5c: ['MIIB'] }),
    'all of them': () => ({ jku: `${canary.url}/jwks`, x5u: `${canary.url}/cert.pem`, jwk: key.jwk, x5c: ['MIIB'] }),
    'a kid that is a URL': () => ({ kid: `${canary.url}/jwks` }),
    'a kid that is a path': () => ({ kid: '../../../../dev/null' }),
    url: () => ({ url: `${canary.url}/url` }),
  };

  it.each(Object.keys(references))('is refused and the canary is never called: %s', async (name) => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, iat: now, exp: now + 300 };
    // Under the issuer's own key id and under one of its own. An unknown one is 503 once the keys may not be read again yet.
    const known = await key.sign(claims, { typ: 'at+jwt', kid: 'key-1', ...references[name]!() });
    const unknown = await key.sign(claims, { typ: 'at+jwt', ...references[name]!() });
    for (const token of [known, unknown]) expect([401, 503]).toContain((await gateway.post(list, { token })).status);
    // The issuer's own signature makes the reference no better: nobody looks at it.
    const { kid: _, ...header } = references[name]!() as { kid?: string };
    const signed = await gateway.issuer.mint({ sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp` }, { header });
    expect((await gateway.post(list, { token: signed })).status).toBe(200);
    expect(canary.requests).toEqual([]);
  });

  it('is refused as the issuer of the token: an unknown one is not asked for its keys', async () => {
    const now = Math.floor(Date.now() / 1_000);
    for (const iss of [canary.url, `${canary.url}/`, `${gateway.issuer.url}@${new URL(canary.url).host}`, `${gateway.issuer.url}/../${canary.url}`]) {
      const token = await key.sign({ iss, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, iat: now, exp: now + 300 });
      expect((await gateway.post(list, { token })).status).toBe(401);
    }
    expect(canary.requests).toEqual([]);
  });

  it('is refused with a critical header parameter that is not understood, although its issuer signed it', async () => {
    const published = await SigningKey.generate('published');
    gateway.issuer.jwks.keys.push(published.jwk);
    // A gateway that has not used up its looks at the keys above.
    const fresh = await gateway.replica();
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, iat: now, exp: now + 300 };
    const sign = (extension: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'published', typ: 'at+jwt', 'x-ext': true, ...extension }).sign(published.privateKey, { crit: { 'x-ext': true } });
    const statusOf = async (token: string) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      return (await fetch(`${fresh.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(list) })).status;
    };
    expect([await statusOf(await sign({})), await statusOf(await sign({ crit: ['x-ext'] }))]).toEqual([200, 401]);
    await fresh.stop();
  });
});

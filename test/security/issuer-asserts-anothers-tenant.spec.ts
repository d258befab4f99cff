import { Secret } from '@gatehouse-mcp/oauth';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TokenVerifier } from '../../src/auth/token.verifier.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let other: FakeIssuer;

beforeAll(async () => {
  other = await FakeIssuer.start();
  gateway = await startGateway({
    change: (settings) => {
      settings['providers'] = { ...(settings['providers'] as object), other: { preset: 'oidc', issuer: other.url } };
      settings['tenants'] = {
        acme: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'acme' }, { provider: 'corp', emailDomains: ['acme.com'] }] },
        globex: { rules: [{ provider: 'other', claim: 'tenant', equals: 'globex' }] },
        shared: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'shared' }, { provider: 'other', claim: 'tenant', equals: 'shared' }] },
      };
      settings['apis'] = (settings['apis'] as { tenant: string }[]).flatMap((api) => (api.tenant === 'globex' ? [{ ...api, tenant: 'shared', credentials: [{ type: 'none' }] }] : [{ ...api, credentials: [{ type: 'none' }] }]));
      (settings['egress'] as { allow: string[] }).allow.push(other.host);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await other.stop();
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const minted = (issuer: FakeIssuer, claims: object) => issuer.mint({ sub: 'alice', aud: `${gateway.url}/mcp`, scope: 'items:read', ...claims });
const statusOf = async (token: string, path = '/mcp') => (await gateway.post(list, { token, path })).status;

/** Security attack 17. */
describe('an issuer that asserts another issuer\'s tenant', () => {
  it('does not open it by the claim, by the e-mail domain or by both', async () => {
    for (const claims of [{ tenant: 'acme' }, { email: 'alice@acme.com', email_verified: true }, { tenant: 'acme', email: 'alice@acme.com', email_verified: true }]) {
      expect(await statusOf(await minted(other, claims))).toBe(403);
      expect(await statusOf(await minted(gateway.issuer, claims))).toBe(200);
    }
    expect(await statusOf(await minted(other, { tenant: 'globex' }))).toBe(200);
    expect(await statusOf(await minted(gateway.issuer, { tenant: 'globex' }))).toBe(403);
  });

  it('does not open it at its own door', async () => {
    expect(await statusOf(await minted(other, { tenant: 'acme', aud: `${gateway.url}/t/acme/mcp` }), '/t/acme/mcp')).toBe(404);
  });

  it('is not believed when it signs as the other: its key is not the other\'s, whatever the key is called', async () => {
    for (const kid of ['key-1', 'other']) {
      const forged = await other.mint({ iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp` }, { kid });
      expect(await statusOf(forged)).toBe(401);
    }
  });
});

describe('the same subject of two issuers', () => {
  it('is two users: two callers, and two in the audit of a tenant that both belong to', async () => {
    const tokens = [await minted(gateway.issuer, { tenant: 'shared' }), await minted(other, { tenant: 'shared' })];
    const verifier = gateway.app.get(TokenVerifier);
    const callers = await Promise.all(tokens.map(async (token) => (await verifier.verify(new Secret(token), undefined)).caller));
    expect(callers.map(({ provider, issuer, subject }) => [provider, issuer, subject])).toEqual([
      ['corp', gateway.issuer.url, 'alice'],
      ['other', other.url, 'alice'],
    ]);
    for (const token of tokens) expect((await gateway.call(token, 'items_getItem', { id: 'x' })).error).toBeUndefined();
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('shared')!, { limit: 100 });
    expect(new Set(rows.filter(({ subject }) => subject === 'alice').map(({ issuer }) => issuer))).toEqual(new Set([gateway.issuer.url, other.url]));
  });
});

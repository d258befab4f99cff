import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { decodeJwt } from 'jose';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import type { CallContext } from '../../src/context/call-context.js';
import { CredentialChain } from '../../src/credentials/credential.chain.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { testCaller } from '../tools/caller.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

function callOf(tenant: string, token: string): CallContext {
  const expiresAt = decodeJwt(token).exp ?? 0;
  const caller = testCaller({ issuer: gateway.issuer.url, clientId: 'agent', tenant, expiresAt });
  const resolved = gateway.app.get(TenantRegistry).find(tenant)!;
  return { requestId: 'r', caller, tenant: resolved, toolset: undefined, subjectToken: new Secret(token), signal: new AbortController().signal, address: '127.0.0.1', publicUrl: '', resourceMetadata: '' };
}

/** The token that a call of the tenant carries, through one and the same link of a chain. */
async function obtain(tenant: string, token: string): Promise<Secret | undefined> {
  const [api] = gateway.app.get(LiveConfiguration).current.settings.apis;
  return (await gateway.app.get(CredentialChain).obtain(callOf(tenant, token), api!, [])).placement?.secret;
}

/** Promise 1: the tenant tells exchanged tokens apart, whatever else is the same. */
describe('a token that was exchanged for another tenant', () => {
  it('is not used for this one, though the caller, the token and the API are the same', async () => {
    const token = await gateway.token();
    const before = gateway.issuer.tokenRequests.length;
    const first = await obtain('acme', token);
    const again = await obtain('acme', token);
    const other = await obtain('globex', token);
    expect(first).toBeInstanceOf(Secret);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(gateway.issuer.tokenRequests.length - before).toBe(2);
  });

  it('is not shared while both exchanges are under way', async () => {
    const token = await gateway.token({ sub: 'flight' });
    const [acme, globex] = await Promise.all([obtain('acme', token), obtain('globex', token)]);
    expect(acme).not.toBe(globex);
  });
});

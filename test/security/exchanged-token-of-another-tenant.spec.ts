import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { decodeJwt } from 'jose';
import type { CallContext } from '../../src/context/call-context.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { TokenExchanger, type TokenExchangeSettings } from '../../src/token-exchange/token.exchanger.js';
import { testCaller } from '../tools/caller.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let exchanger: TokenExchanger;

beforeAll(async () => {
  gateway = await startGateway();
  exchanger = gateway.app.get(TokenExchanger);
});
afterAll(() => gateway.stop());

const settings: TokenExchangeSettings = {
  type: 'token-exchange',
  provider: 'corp',
  clientId: 'gatehouse',
  clientSecret: 'env:GATEHOUSE_SECRET',
  clientAuthentication: 'client_secret_basic',
  audience: 'items-api',
};

function callOf(tenant: string, token: string): CallContext {
  const expiresAt = decodeJwt(token).exp ?? 0;
  const caller = testCaller({ issuer: gateway.issuer.url, clientId: 'agent', tenant, expiresAt });
  const resolved = gateway.app.get(TenantRegistry).find(tenant)!;
  return { requestId: 'r', caller, tenant: resolved, subjectToken: new Secret(token), signal: new AbortController().signal, address: '127.0.0.1', resourceMetadata: '' };
}

/** Promise 1: the tenant tells exchanged tokens apart, whatever else is the same. */
describe('a token that was exchanged for another tenant', () => {
  it('is not used for this one, though the caller, the token and the API are the same', async () => {
    const token = await gateway.token();
    const before = gateway.issuer.tokenRequests.length;
    const first = await exchanger.obtain(callOf('acme', token), 'items', settings, []);
    const again = await exchanger.obtain(callOf('acme', token), 'items', settings, []);
    const other = await exchanger.obtain(callOf('globex', token), 'items', settings, []);
    expect(again.token).toBe(first.token);
    expect(other.token).not.toBe(first.token);
    expect(gateway.issuer.tokenRequests.length - before).toBe(2);
  });

  it('is not shared while both exchanges are under way', async () => {
    const token = await gateway.token({ sub: 'flight' });
    const [acme, globex] = await Promise.all([exchanger.obtain(callOf('acme', token), 'items', settings, []), exchanger.obtain(callOf('globex', token), 'items', settings, [])]);
    expect(acme.token).not.toBe(globex.token);
  });
});

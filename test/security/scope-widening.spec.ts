import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

const link = { provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'items-api' };
let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      const [api] = settings['apis'] as Settings[];
      settings['apis'] = [
        { ...api, name: 'exchanged', credentials: [{ type: 'token-exchange', ...link }] },
        { ...api, name: 'asserted', credentials: [{ type: 'jwt-bearer', ...link }] },
        { ...api, name: 'mapped', scopes: { 'items:write': 'editor' }, overrides: { listItems: { scopes: [] } }, credentials: [{ type: 'token-exchange', ...link }] },
      ];
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.issuer.grantedScope = undefined;
  gateway.issuer.tokenRequests.length = 0;
  gateway.upstream.requests.length = 0;
  gateway.upstream.answerWith(() => ({}));
});

/** Somebody new, so that no cached token helps. */
const user = (scope: string, sub = `user-${count++}`) => gateway.token({ sub, scope });
const callOf = (tool: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: { id: 'x' } } });
const asked = () => gateway.issuer.tokenRequests.map(({ parameters }) => parameters.get('scope'));
const sentScope = () => decodeJwt(String(gateway.upstream.last.headers['authorization']).slice('Bearer '.length))['scope'];

/** What the server gives to the gateway's own client, without a gateway between. */
async function exchangeDirectly(subjectToken: string, scope: string): Promise<string | undefined> {
  const response = await fetch(`${gateway.issuer.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`gatehouse:${gateway.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: subjectToken, audience: 'items-api', scope }),
  });
  return ((await response.json()) as { scope?: string }).scope;
}

/** The text of a call that must fail before the API is called. */
async function refusal(token: string, tool: string, args: object = { id: 'x' }): Promise<string> {
  const { result } = await gateway.call(token, tool, args);
  expect([result?.isError, gateway.upstream.requests]).toEqual([true, []]);
  return result?.content?.[0]?.text ?? '';
}

describe('a caller whose token lacks a scope', () => {
  it.each(['exchanged', 'asserted'])('does not obtain it by an exchange, although the server would give it: API "%s"', async (api) => {
    const token = await user('items:read');
    expect(await exchangeDirectly(token, 'items:read items:write')).toBe('items:read items:write');
    gateway.issuer.tokenRequests.length = 0;
    const response = await gateway.post(callOf(`${api}_deleteItem`), { token });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('error="insufficient_scope"')]);
    expect([asked(), gateway.upstream.requests]).toEqual([[], []]);
    await gateway.call(token, `${api}_getItem`, { id: 'x' });
    expect([asked(), sentScope()]).toEqual([['items:read'], 'items:read']);
  });

  it('does not obtain it by holding the name that the API gives it, where the operator gave it another', async () => {
    const token = await user('items:read items:write');
    expect((await gateway.post(callOf('mapped_deleteItem'), { token })).status).toBe(403);
    await gateway.call(token, 'mapped_getItem', { id: 'x' });
    expect([asked(), sentScope()]).toEqual([['items:read'], 'items:read']);
  });

  it('does not get the token that was exchanged for a stronger one of the same user', async () => {
    const subject = `user-${count++}`;
    await gateway.call(await user('items:read items:write', subject), 'exchanged_deleteItem', { id: 'x' });
    expect(sentScope()).toBe('items:read items:write');
    await gateway.call(await user('items:read', subject), 'exchanged_getItem', { id: 'x' });
    expect(sentScope()).toBe('items:read');
  });
});

describe('a server that grants more than was asked for', () => {
  it.each(['exchanged', 'asserted'])('has its token refused before the API is called: API "%s"', async (api) => {
    gateway.issuer.grantedScope = 'items:read items:write';
    expect(await refusal(await user('items:read'), `${api}_getItem`)).toContain('granted more than was asked for (items:write)');
  });

  it('has it refused too where nothing was asked for and the operation needs nothing', async () => {
    const token = await user('openid');
    gateway.issuer.grantedScope = 'items:read items:write';
    expect(await refusal(token, 'mapped_listItems', {})).toContain('granted more than was asked for (items:read items:write)');
    expect(asked()).toEqual([null]);
  });

  it('has it refused in the second attempt after a 401 as well', async () => {
    const token = await user('items:read');
    gateway.upstream.answerWith(() => {
      gateway.issuer.grantedScope = 'items:read items:write';
      return { status: 401 };
    });
    const { result } = await gateway.call(token, 'exchanged_getItem', { id: 'x' });
    expect(result?.content?.[0]?.text).toContain('granted more than was asked for (items:write)');
    expect(gateway.upstream.requests).toHaveLength(1);
  });
});

describe('a server that leaves a scope out', () => {
  it.each(['exchanged', 'asserted'])('is a step-up before the API is called, which says what to sign in again with: API "%s"', async (api) => {
    gateway.issuer.grantedScope = 'items:read';
    const text = await refusal(await user('items:read items:write'), `${api}_deleteItem`);
    expect(text).toBe(
      `the token for API "${api}" was not granted items:write, which this operation needs: the identity provider left it out. Sign in again with the scope items:write; if it is left out again, ask an administrator of provider "corp" to allow it to you`,
    );
  });

  it('sends nobody to sign in again for what they hold already under another name', async () => {
    gateway.issuer.grantedScope = 'items:read';
    const text = await refusal(await user('items:read editor'), 'mapped_deleteItem');
    expect(asked()).toEqual(['items:read items:write']);
    expect(text).toContain('Ask an administrator of provider "corp" to allow you items:write');
    expect(text).not.toContain('Sign in again');
  });

  it('does not hinder what needs less', async () => {
    gateway.issuer.grantedScope = 'items:read';
    expect((await gateway.call(await user('items:read items:write'), 'exchanged_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
  });

  it('stands in the audit with the scopes that were obtained, and no answer of the API', async () => {
    gateway.issuer.grantedScope = 'items:read';
    const subject = `user-${count++}`;
    await refusal(await user('items:read items:write', subject), 'exchanged_deleteItem');
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 });
    const outcomes = rows.filter((row) => row.subject === subject && row.kind === 'outcome');
    expect(outcomes).toMatchObject([{ actor: 'gatehouse', scopes: ['items:read'], result: 'failure', upstreamStatus: null }]);
  });
});

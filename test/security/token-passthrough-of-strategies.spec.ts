import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAccountServer, FakeEntra, FakeGoogle } from '@gatehouse-mcp/testing';
import { Connections } from '../../src/credentials/vault/connections.js';
import { GATEWAY_SECRET, startGateway, type TestGateway } from '../tools/gateway.js';
import { connectAccount, VAULT_KEY, visitorOf } from '../tools/vault.js';

const secret = 'env:GATEHOUSE_SECRET';
const client = { provider: 'corp', clientId: 'gatehouse', clientSecret: secret };
const directory = '72f988bf-0000-4000-8000-00000000acce';
let accounts: FakeAccountServer;
let google: FakeGoogle;
let entra: FakeEntra;
let gateway: TestGateway;

beforeAll(async () => {
  [accounts, google, entra] = await Promise.all([FakeAccountServer.start(), FakeGoogle.start(), FakeEntra.start()]);
  entra.apps.set(entra.appId, GATEWAY_SECRET);
  entra.onBehalfOf.resources.set('api://items', ['items:read', 'items:write']);
  const account = await google.addServiceAccount('gatehouse', ['items:read', 'items:write']);
  const chains: Readonly<Record<string, object>> = {
    exchange: { type: 'token-exchange', ...client, audience: 'items-api' },
    actor: { type: 'token-exchange', ...client, audience: 'items-api', actor: { clientId: 'agent', clientSecret: secret } },
    bearer: { type: 'jwt-bearer', ...client, audience: 'items-api' },
    signed: { type: 'jwt-bearer', scope: 'items:read items:write', tokenEndpoint: account.token_uri, signed: { issuer: account.client_email, privateKey: 'env:SERVICE_KEY', subject: 'email', emailDomains: ['acme.example'] } },
    obo: { type: 'entra-obo', provider: 'entra', clientSecret: secret, audience: 'api://items' },
    service: { type: 'client-credentials', ...client, scope: 'items:read items:write', audience: 'items-api' },
    header: { type: 'api-key', in: 'header', name: 'authorization', prefix: 'Bearer ', value: secret },
    query: { type: 'api-key', in: 'query', name: 'key', value: secret },
    cookie: { type: 'api-key', in: 'cookie', name: 'sid', value: secret },
    vault: { type: 'vault', when: 'user', connection: 'account' },
    own: { type: 'user-secret', when: 'user', connection: 'key', in: 'header', name: 'x-key' },
    none: { type: 'none' },
  };
  gateway = await startGateway({
    secrets: { SERVICE_KEY: account.private_key, VAULT_KEY },
    change: (settings) => {
      const [api] = settings['apis'] as object[];
      settings['apis'] = Object.entries(chains).map(([name, link]) => ({ ...api, name, credentials: [link] }));
      (settings['egress'] as { allow: string[] }).allow.push(accounts.host, google.host, entra.host);
      Object.assign((settings['providers'] as { corp: object }).corp, { browser: { clientId: 'pages' } });
      settings['vault'] = { keys: ['env:VAULT_KEY'] };
      settings['connections'] = [
        { name: 'account', tenant: 'acme', type: 'oauth', issuer: accounts.url, clientId: 'there', scopes: ['items:read', 'items:write'] },
        { name: 'key', tenant: 'acme', type: 'secret' },
      ];
      Object.assign(settings['providers'] as object, { entra: { preset: 'entra', tenantId: directory, clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts` } });
      (settings['tenants'] as { acme: { rules: object[] } }).acme.rules.push({ provider: 'entra' });
    },
  });
});
afterAll(() => Promise.all([gateway.stop(), accounts.stop(), google.stop(), entra.stop()]));

const strategies = ['exchange', 'actor', 'bearer', 'signed', 'obo', 'service', 'header', 'query', 'cookie', 'vault', 'own', 'none'];
const calls = [
  ['getItem', { id: 'one' }],
  ['listItems', { kind: 'x' }],
  ['createItem', { title: 'new' }],
  ['deleteItem', { id: 'one' }],
] as const;
const answers = {
  success: () => ({}),
  'a 401': () => ({ status: 401 }),
  'a 500': () => ({ status: 500, body: 'failed' }),
  'a redirect': () => ({ status: 307, headers: { location: 'https://elsewhere.example' } }),
};

/** A token of a new user; on-behalf-of takes those of Entra ID. */
const tokenOf = (strategy: string, sub: string): Promise<string> =>
  strategy === 'obo'
    ? entra.mintUserToken({ tenant: directory, version: 2, claims: { name: sub, scp: 'items:read items:write' } })
    : gateway.token({ sub, email: 'alice@acme.example', email_verified: true });

/** Security attack 9, for every strategy. */
describe('the client\'s own token', () => {
  it.each(strategies.flatMap((strategy) => Object.keys(answers).map((answer) => [strategy, answer] as const)))('is in no byte that leaves for the API: %s, %s', async (strategy, answer) => {
    gateway.upstream.requests.length = 0;
    gateway.upstream.answerWith(answers[answer as keyof typeof answers]);
    const user = `${strategy} ${answer}`;
    if (strategy === 'vault') await connectAccount(gateway, visitorOf(gateway, user));
    if (strategy === 'own') await gateway.app.get(Connections, { strict: false }).saveSecret(visitorOf(gateway, user), 'key', { username: undefined, secret: 'own' });
    const token = await tokenOf(strategy, user);
    for (const [operation, args] of calls) await gateway.call(token, `${strategy}_${operation}`, args);
    // What the API refused is not sent again where its user has to do something first.
    expect(gateway.upstream.requests.length).toBeGreaterThanOrEqual(strategy === 'own' && answer === 'a 401' ? 1 : calls.length);
    const [, payload = '', signature = ''] = token.split('.');
    expect(signature.length).toBeGreaterThan(40);
    for (const request of [...gateway.upstream.requests, ...accounts.requests]) {
      const bytes = JSON.stringify({ ...request, body: request.body.toString('latin1') });
      for (const form of [bytes, decodeURIComponent(bytes.replaceAll('%', '%25')), Buffer.from(bytes).toString('base64')]) {
        expect(form).not.toContain(signature);
        expect(form).not.toContain(payload);
      }
    }
  });

  it('goes to its own provider\'s token endpoint and to no other server', () => {
    expect(google.requests.length).toBeGreaterThan(0);
    for (const { body } of google.requests) {
      const assertion = new URLSearchParams(body).get('assertion') ?? '';
      expect(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()).toContain('"sub":"alice@acme.example"');
      expect(body).not.toContain(encodeURIComponent(gateway.issuer.url));
    }
  });

  it('is in no answer of a failed exchange', async () => {
    const token = await gateway.token({ sub: 'echoed' });
    gateway.issuer.fixed.set('/token', { status: 400, body: JSON.stringify({ error: 'invalid_request', error_description: `cannot use ${token}` }) });
    for (const strategy of ['exchange', 'actor', 'bearer']) {
      const answer = await gateway.call(token, `${strategy}_getItem`, { id: 'x' });
      expect(answer.result?.isError).toBe(true);
      expect(JSON.stringify(answer)).not.toContain(token.split('.')[1]);
    }
    gateway.issuer.fixed.clear();
  });
});

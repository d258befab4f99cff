import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { parseConfiguration } from './configuration.file.js';

const guid = '72f988bf-0000-4000-8000-00000000acce';
const providers = {
  corp: { preset: 'oidc', issuer: 'https://idp.example' },
  entra: { preset: 'entra', tenantId: [guid, guid.replace('acce', 'beef')], clientId: guid },
  keys: { preset: 'apiKey' },
};
const exchange = { type: 'token-exchange', provider: 'corp', clientId: 'c', clientSecret: 'env:S', audience: 'a' };
const obo = { type: 'entra-obo', provider: 'entra', clientSecret: 'env:S', audience: 'api://a' };
const bearer = { type: 'jwt-bearer', provider: 'corp', clientId: 'c', clientSecret: 'env:S' };
const signed = { type: 'jwt-bearer', tokenEndpoint: 'https://idp.example/token', signed: { issuer: 'i', privateKey: 'env:K', subject: 'sub' } };
const service = { type: 'client-credentials', provider: 'corp', clientId: 'c', clientSecret: 'env:S' };
const resolver = { type: 'resolver', baseUrl: 'https://platform.example', service: 'tickets', serviceToken: 'env:T' };
const key = { type: 'api-key', in: 'header', name: 'X-Key', value: 'env:S' };

/** Problems of the chain, with paths from there on. */
const problemsOf = (...credentials: readonly object[]): readonly string[] => problemsIn([], credentials);

/** @param rules of the tenant */
function problemsIn(rules: readonly object[], credentials: readonly object[]): readonly string[] {
  const api = { name: 'a', tenant: 'acme', openapi: 'file:./a.json', credentials };
  const text = JSON.stringify({ publicUrls: ['https://mcp.example'], database: { url: 'env:D' }, providers, tenants: { acme: { rules } }, apis: [api] });
  try {
    parseConfiguration(text, 'gatehouse.yaml');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ path, message }) => `${path.replace('apis[0].credentials', '')} ${message}`);
  }
  return [];
}

describe('a chain of credentials', () => {
  it.each([[exchange], [obo], [bearer], [signed], [service], [resolver], [key], [{ type: 'none' }], [{ ...exchange, clientSecret: undefined, clientAuthentication: 'tls_client_auth' }]])('takes %j', (link) => {
    expect(problemsOf(link)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a provider that is not there', { ...exchange, provider: 'nobody' }, '[0].provider names provider "nobody"'],
    ['a provider without a token endpoint', { ...exchange, provider: 'keys' }, '[0].provider names provider "keys", which has no token endpoint'],
    ['a client that proves nothing', { ...exchange, clientSecret: undefined }, '[0].clientSecret is missing'],
    ['a client that proves itself twice', { ...service, privateKey: 'env:K' }, '[0].privateKey is given together with clientSecret'],
    ['a client named like a service identity of the audit', { ...exchange, clientId: 'api-key:x' }, '[0].clientId must not begin with'],
    ['a secret that is none', { ...key, value: 'secret-canary' }, '[0].value must be a reference'],
    ['on-behalf-of elsewhere than at Entra ID', { ...obo, provider: 'corp' }, '[0].provider names provider "corp" of preset oidc'],
    ['on-behalf-of for nothing', { ...obo, audience: undefined }, '[0].audience give either audience'],
    ['a key without its certificate', { ...obo, clientSecret: undefined, privateKey: 'env:K' }, '[0].certificate is missing'],
    ['the caller\'s token at a server of the file\'s choice', { ...bearer, tokenEndpoint: 'https://evil.example' }, '[0].tokenEndpoint is for a signed assertion'],
    ['scopes beyond the caller\'s', { ...bearer, scope: 'admin' }, '[0].scope is for a signed assertion'],
    ['an assertion for nobody in particular', { ...signed, signed: { ...signed.signed, subject: 'email' } }, '[0].signed.emailDomains is missing'],
    ['an assertion that goes nowhere', { ...signed, tokenEndpoint: undefined }, '[0].tokenEndpoint is missing'],
    ['a certificate and a secret', { ...exchange, clientAuthentication: 'tls_client_auth' }, '[0].clientAuthentication is tls_client_auth, which takes no clientSecret'],
    ['a platform that does not know who asks', { ...resolver, serviceToken: undefined }, '[0].serviceToken give either serviceToken or exchange'],
    ['a platform that is told twice', { ...resolver, exchange: { ...exchange, type: undefined } }, '[0].serviceToken give either serviceToken or exchange'],
    ['a platform token of no provider', { ...resolver, serviceToken: undefined, exchange: { ...exchange, type: undefined, provider: 'nobody' } }, '[0].exchange.provider names provider "nobody"'],
    ['a link to connect that is never shown', { ...resolver, missing: 'continue', connectUrl: 'https://p.example' }, '[0].connectUrl is given together with missing: continue'],
    ['an account that nobody defined', { type: 'vault', when: 'user', connection: 'github' }, '[0].connection names connection "github", which connections does not define'],
    ['two places to ask', { ...service, tokenEndpoint: 'https://idp.example/token' }, '[0].provider give either provider or tokenEndpoint'],
    ['a service of several directories', { ...service, provider: 'entra' }, '[0].provider names provider "entra" of several directories'],
    ['a key in a header of the wire\'s own', { ...key, name: 'Transfer-Encoding' }, '[0].name is a header that cannot carry a key'],
    ['a cookie as a header', { ...key, name: 'Cookie' }, '[0].name is no header for a key; set in: cookie'],
  ])('names the setting for %s', (_, link, problem) => {
    const problems = problemsOf(link);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toContain('secret-canary');
  });

  it('asks whose users a platform knows where people sign in at several providers', () => {
    const several = [{ provider: 'corp' }, { provider: 'entra' }];
    expect(problemsIn([{ provider: 'corp' }], [resolver])).toEqual([]);
    expect(problemsIn(several, [resolver])).toEqual([expect.stringContaining("[0].provider is missing: the tenant's people sign in at corp, entra")]);
    expect(problemsIn(several, [{ ...resolver, provider: 'corp' }])).toEqual([]);
    expect(problemsIn(several, [{ ...resolver, provider: 'keys' }])).toEqual([expect.stringContaining('[0].provider names provider "keys", where nobody of the tenant signs in')]);
    expect(problemsIn(several, [{ ...resolver, serviceToken: undefined, exchange: { ...exchange, type: undefined } }])).toEqual([]);
  });

  it('refuses a link that no caller comes to', () => {
    expect(problemsOf({ ...resolver, missing: 'continue' }, service)).toEqual([]);
    expect(problemsOf(resolver, service)).toEqual([expect.stringContaining('[1] is never used')]);
    expect(problemsOf({ ...exchange, when: 'user' }, { ...service, when: 'machine' })).toEqual([]);
    expect(problemsOf(exchange, service)).toEqual([expect.stringContaining('[1] is never used')]);
    expect(problemsOf({ ...exchange, when: 'user' }, { ...service, when: 'user' })).toEqual([expect.stringContaining('[1] is never used')]);
  });
});

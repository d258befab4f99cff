import { describeFailure, discoverIssuer, IntrospectionError, introspectToken, Secret, type IssuerFetch } from '@gatehouse-mcp/oauth';
import { audiencesOf, canonicalIssuer, githubApiUrl, issuersOf, toList } from '../../config/provider-identity.js';
import type { ProviderOf, ProviderSettings } from '../../config/provider.schema.js';
import type { Step } from './step.js';

/** What a provider's diagnosis is made with. */
export interface ProviderInput {
  readonly id: string;
  readonly settings: ProviderSettings;
  readonly resources: readonly string[];
  readonly fetch: IssuerFetch;
  secret(reference: string): Secret;
}

/** A credential that no provider has issued, to see how an endpoint answers our own client. */
const NOBODYS_TOKEN = 'gatehouse-doctor-is-asking-about-no-token';

/** Asks the provider what sign-in will ask of it, and says what to change here or in its console. */
export async function diagnoseProvider(input: ProviderInput): Promise<readonly Step[]> {
  const { settings } = input;
  const audiences = [...input.resources, ...audiencesOf(settings)];
  const common: readonly Step[] = [
    { name: 'preset', result: 'ok', found: settings.preset },
    ...(issuersOf(settings).length > 0 ? [{ name: 'issuers', result: 'ok', found: issuersOf(settings).join(', ') } as const] : []),
    { name: 'audiences', result: 'ok', found: `tokens must be for one of ${audiences.join(', ')}` },
  ];
  switch (settings.preset) {
    case 'github':
      return [...common, ...(await askGithub(input, settings))];
    case 'google':
      return [...common, await askKeys(input, settings.jwksUri), await askTokeninfo(input, settings)];
    case 'introspection':
      return [...common, ...(await askIntrospection(input, settings))];
    case 'entra':
      return [...common, ...(await Promise.all(toList(settings.tenantId).map(async (tenant) => askKeys(input, settings.jwksUri ?? `${settings.authority}/${tenant}/discovery/v2.0/keys`)))), await askMetadata(input)];
    case 'apiKey':
    case 'environment':
    case 'custom':
      return [...common, { name: 'endpoints', result: 'ok', found: 'none: nobody is asked over the network by Gatehouse itself' }];
    default:
      return [...common, await askMetadata(input), await askKeys(input, settings.jwksUri)];
  }
}

/** What clients will find: they need an authorization endpoint, S256, and some way to a client id. */
async function askMetadata({ id, settings, fetch }: ProviderInput): Promise<Step> {
  const name = 'metadata';
  const issuer = canonicalIssuer(settings) ?? '';
  try {
    const { document, authorizationEndpoint, registrationEndpoint } = await discoverIssuer(issuer, fetch);
    if (authorizationEndpoint === undefined) return { name, result: 'problem', found: `${issuer} names no authorization_endpoint`, remedy: 'people cannot sign in at this issuer; is it the right one?' };
    const methods = document['code_challenge_methods_supported'];
    const hasS256 = Array.isArray(methods) && methods.includes('S256');
    const registration = registrationEndpoint === undefined ? 'no dynamic client registration' : 'dynamic client registration';
    const found = `${issuer}: sign-in at ${authorizationEndpoint}, ${registration}${hasS256 ? ', PKCE S256' : ''}`;
    if (!hasS256) return { name, result: 'note', found, remedy: 'the metadata does not say that PKCE with S256 is supported; some MCP clients refuse such a server' };
    if (registrationEndpoint === undefined) return { name, result: 'note', found, remedy: 'clients cannot register themselves: make a public client with PKCE in the console and give its client id to the users (docs/guides/clients.md)' };
    return { name, result: 'ok', found };
  } catch (error) {
    return { name, result: 'problem', found: describe(error), remedy: `compare providers.${id} with the issuer that the provider's console shows, character by character; egress.allow must list it if it is not public` };
  }
}

async function askKeys({ id, settings, fetch }: ProviderInput, configured: string | undefined): Promise<Step> {
  const name = 'keys';
  try {
    const url = configured ?? (await discoverIssuer(canonicalIssuer(settings) ?? '', fetch)).jwksUri;
    if (url === undefined) return { name, result: 'problem', found: 'the metadata has no jwks_uri', remedy: `set providers.${id}.jwksUri` };
    const answer: unknown = await (await fetch(url)).json();
    const keys: readonly { readonly alg?: unknown; readonly use?: unknown }[] = typeof answer === 'object' && answer !== null && 'keys' in answer && Array.isArray(answer.keys) ? answer.keys : [];
    const signing = keys.filter(({ use }) => use === undefined || use === 'sig');
    const algorithms = [...new Set(signing.map(({ alg }) => (typeof alg === 'string' ? alg : 'no alg')))].join(', ');
    const found = `${url}: ${signing.length} signing keys (${algorithms})`;
    if (signing.length === 0) return { name, result: 'problem', found, remedy: 'no token can be verified without keys' };
    const isUnbound = settings.preset !== 'entra' && signing.every(({ alg }) => typeof alg !== 'string');
    return isUnbound ? { name, result: 'problem', found, remedy: 'keys without "alg" are not used: nothing binds them to one algorithm (docs/adr/2)' } : { name, result: 'ok', found };
  } catch (error) {
    return { name, result: 'problem', found: `the keys cannot be read: ${describe(error)}`, remedy: 'is the address reachable from here, and listed in egress.allow if it is not public?' };
  }
}

async function askTokeninfo({ fetch }: ProviderInput, { tokeninfoEndpoint }: ProviderOf<'google'>): Promise<Step> {
  const name = 'tokeninfo';
  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `access_token=${NOBODYS_TOKEN}` };
  return outcome(name, async () => {
    const { status } = await fetch(tokeninfoEndpoint, form);
    return status === 400 ? { name, result: 'ok', found: `${tokeninfoEndpoint} answers` } : { name, result: 'problem', found: `${tokeninfoEndpoint} answered ${status} for a token that is none` };
  });
}

async function askIntrospection({ id, fetch, secret }: ProviderInput, settings: ProviderOf<'introspection'>): Promise<readonly Step[]> {
  const name = 'introspection';
  const step = await outcome(name, async () => {
    const endpoint = settings.introspectionEndpoint ?? (await discoverIssuer(settings.issuer ?? '', fetch)).introspectionEndpoint;
    if (endpoint === undefined) return { name, result: 'problem', found: 'the metadata names no introspection_endpoint', remedy: `set providers.${id}.introspectionEndpoint` };
    if (settings.clientSecret === undefined) return { name, result: 'note', found: `${endpoint}; private_key_jwt is tried with the first token` };
    const request = { issuer: settings.issuer ?? endpoint, endpoint, clientId: settings.clientId, authentication: { method: 'client_secret_basic', secret: secret(settings.clientSecret) }, token: new Secret(NOBODYS_TOKEN) } as const;
    const answer = await introspectToken(request, fetch);
    return answer === undefined ? { name, result: 'ok', found: `${endpoint} believes our client and says that an unknown token is not active` } : { name, result: 'problem', found: `${endpoint} says that a made-up token is active` };
  }, `check providers.${id}.clientId and clientSecret, and that the client may introspect (a confidential client)`);
  return [step];
}

async function askGithub({ id, fetch, secret }: ProviderInput, settings: ProviderOf<'github'>): Promise<readonly Step[]> {
  const name = 'OAuth app';
  const { clientId, clientSecret } = settings;
  if (clientId === undefined || clientSecret === undefined) return [{ name, result: 'note', found: 'tokens of every OAuth app are accepted', remedy: `give providers.${id}.clientId and clientSecret (GitHub → Settings → Developer settings → OAuth Apps)` }];
  const url = `${githubApiUrl(settings)}/applications/${encodeURIComponent(clientId)}/token`;
  const headers = { authorization: `Basic ${Buffer.from(`${clientId}:${secret(clientSecret).reveal()}`).toString('base64')}`, 'content-type': 'application/json', accept: 'application/vnd.github+json', 'user-agent': 'gatehouse' };
  const step = await outcome(name, async () => {
    const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ access_token: NOBODYS_TOKEN }) });
    // 404 and 422 are answers about the token; 401 is one about the app.
    if (status === 404 || status === 422) return { name, result: 'ok', found: `GitHub knows the app ${clientId} or hides that it does not; a token of it decides` };
    return { name, result: 'problem', found: `GitHub answered ${status} to the app ${clientId}`, remedy: `make a new client secret and set providers.${id}.clientSecret` };
  });
  return [step];
}

async function outcome(name: string, ask: () => Promise<Step>, remedy = 'is the address reachable from here, and listed in egress.allow if it is not public?'): Promise<Step> {
  try {
    return await ask();
  } catch (error) {
    return { name, result: 'problem', found: describe(error), remedy };
  }
}

/** Discovery and introspection errors say what was wrong in their own words; of the rest the system's code is enough. */
function describe(error: unknown): string {
  return error instanceof IntrospectionError || (error instanceof Error && error.name === 'DiscoveryError') ? error.message : describeFailure(error);
}

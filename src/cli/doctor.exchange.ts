import type { Egress } from '@gatehouse-mcp/egress';
import { Secret, type IssuerFetch, type IssuerRequest } from '@gatehouse-mcp/oauth';
import { diagnoseToken, type DiagnosisInput } from '../auth/doctor/diagnose-token.js';
import type { Step } from '../auth/doctor/step.js';
import type { VerifiedToken } from '../auth/verified-token.js';
import type { ApiSettings, LiveSettings } from '../config/configuration.schema.js';
import type { LiveSnapshot } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import { chooseLinks } from '../credentials/credential.chain.js';
import { createLinks } from '../credentials/strategies.js';
import { GatewayError } from '../errors/gateway.error.js';
import { GrantedTokens } from '../token-exchange/granted.tokens.js';
import { TokenEndpoints } from '../token-exchange/token.endpoints.js';
import { remedyForRefusal, type RefusalContext } from './exchange.remedies.js';
import { CONNECTION_UNKNOWN, withoutMemory } from './without-memory.js';

/** What an exchange is diagnosed with. */
export interface ExchangeDiagnosis extends Omit<DiagnosisInput, 'settings' | 'door'> {
  readonly settings: LiveSettings;
  readonly secrets: LiveSnapshot['secrets'];
  readonly egress: Egress;
  readonly api: ApiSettings;
  /** The API's scopes that a caller holds. */
  readonly heldScopes: (caller: VerifiedToken['caller']) => readonly string[];
}

/** Does once what a call to the API would do before it is sent: verifies, goes along the chain, obtains the credential. */
export async function diagnoseExchange(token: string, input: ExchangeDiagnosis): Promise<readonly Step[]> {
  const { signIn, api } = input;
  // A token may be for the tenant's own address or for the one of all tenants.
  const atTenant = await diagnoseToken(token, { ...input, door: api.tenant });
  const isForTenant = !atTenant.some(({ result }) => result === 'problem');
  const verification = isForTenant ? atTenant : await diagnoseToken(token, { ...input, door: undefined });
  // What is not verified is shown to nobody.
  if (verification.some(({ result }) => result === 'problem')) return atTenant;
  const verified = await signIn.authenticate(signIn.providerOf(token, isForTenant ? api.tenant : undefined), token);
  if (verified.caller.tenant !== api.tenant) return atTenant;
  return [...verification, ...(await tryChain(token, verified, input))];
}

async function tryChain(token: string, { caller, isExchangeable }: VerifiedToken, input: ExchangeDiagnosis): Promise<readonly Step[]> {
  const { api, settings, secrets, egress } = input;
  const chain = `apis[${settings.apis.indexOf(api)}].credentials`;
  const links = chooseLinks(api.credentials, caller.kind);
  const refuse = (name: string, found: string): Step => ({ name, result: 'problem', found, remedy: remedyForRefusal(found, { setting: chain, settings: { type: 'none' } }) });
  if (links.length === 0) return [refuse('link', `API "${api.name}" declares no credential for a ${caller.kind}`)];
  const scopes = input.heldScopes(caller);
  const steps: Step[] = [scopeStep(scopes)];
  const endpoints = new TokenEndpoints(() => egress, (fetch) => observe(fetch, token, steps));
  const tenant = { id: api.tenant, name: api.tenant, schema: '', role: '', state: 'active' } as const;
  const call: CallContext = { requestId: 'doctor', caller, tenant, toolset: undefined, subjectToken: isExchangeable ? new Secret(token) : undefined, signal: new AbortController().signal, address: '', publicUrl: '', resourceMetadata: '' };
  try {
    const strategies = createLinks({ revision: 'doctor', settings, secrets, endpoints, tokens: new GrantedTokens(), ...withoutMemory });
    for (const link of links) {
      const setting = `${chain}[${api.credentials.indexOf(link)}]`;
      const when = link.when === undefined ? 'that is for every caller' : `with when: ${link.when}`;
      steps.push({ name: 'link', result: 'ok', found: `${setting}, ${link.type}: the ${link === links[0] ? 'first' : 'next'} ${when}; the caller is a ${caller.kind}` });
      const step = await tryLink(() => strategies.get(link)?.obtain(call, scopes), { setting, settings: link });
      steps.push(step ?? { name: 'credential', result: 'note', found: 'it has nothing for the caller, and leaves it to the next link' });
      if (step) return steps;
    }
    return [...steps, refuse('credential', `nothing that API "${api.name}" declares has a credential for the caller`)];
  } finally {
    await endpoints.onApplicationShutdown();
  }
}

/** @returns undefined where the link has nothing for the caller and leaves it to the next */
async function tryLink(obtain: () => Promise<Credential | undefined> | undefined, context: RefusalContext): Promise<Step | undefined> {
  try {
    const credential = await obtain();
    if (!credential) return undefined;
    const { placement, actor, scopes } = credential;
    const found = placement ? `calls carry it in the ${placement.in} ${placement.name}, scopes ${scopes?.join(' ') ?? 'not known'}; the audit names ${actor ?? 'nobody'} as the actor` : 'calls carry no credential';
    return { name: 'credential', result: 'ok', found };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { name: 'credential', result: error.code === CONNECTION_UNKNOWN.code ? 'note' : 'problem', found: error.message, remedy: remedyForRefusal(error.message, context) };
  }
}

function scopeStep(scopes: readonly string[]): Step {
  return { name: 'scopes', result: scopes.length === 0 ? 'note' : 'ok', found: scopes.length === 0 ? 'the caller holds no scope that the API knows; apis[].scopes maps them' : `of the API's scopes the caller holds ${scopes.join(' ')}` };
}

/** Notes what goes out and comes back. */
function observe(fetch: IssuerFetch, token: string, seen: Step[]): IssuerFetch {
  return async (url, init) => {
    seen.push({ name: 'request', result: 'ok', found: describeRequest(url, init) });
    const response = await fetch(url, init);
    const text = await response.text();
    const isGood = response.status === 200;
    seen.push({ name: 'answer', result: isGood ? 'ok' : 'note', found: `${response.status} ${describeAnswer(text)}`.replaceAll(token, '[token]') });
    return new Response(text, { status: response.status, headers: response.headers });
  };
}

/** Form fields whose values prove something. */
const HIDDEN = /^(?:assertion|client_assertion|client_secret|subject_token|actor_token)$/;

function describeRequest(url: string, { method = 'GET', headers = {}, body = '' }: IssuerRequest = {}): string {
  const fields = [...new URLSearchParams(body)].map(([name, value]) => `${name}=${HIDDEN.test(name) ? `(${value.length} characters, not shown)` : value}`);
  const basic = /^Basic (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  const client = basic === undefined ? '' : ` as ${decodeURIComponent(Buffer.from(basic, 'base64').toString().split(':', 1)[0] ?? '')} (Basic)`;
  return [`${method} ${url}${client}`, ...fields].join(' ');
}

/** Members of an answer that are no secret. */
const SHOWN = ['error', 'error_description', 'suberror', 'token_type', 'issued_token_type', 'expires_in', 'scope', 'issuer', 'token_endpoint'];

function describeAnswer(text: string): string {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    return `${text.length} characters that are no JSON`;
  }
  if (typeof members !== 'object' || members === null) return 'JSON that is no object';
  return Object.entries(members)
    .map(([name, value]) => `${name}=${SHOWN.includes(name) ? String(value).replaceAll(/\s+/g, ' ').slice(0, 300) : '(not shown)'}`)
    .join(' ');
}

import type { LiveSettings, TenantRule } from '../../config/configuration.schema.js';
import { audiencesOf, issuersOf, tokenPrefixesOf } from '../../config/provider-identity.js';
import type { ProviderSettings } from '../../config/provider.schema.js';
import { mcpPath } from '../../config/protected-resource.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { judgeClaims, readAudiences } from '../claims.js';
import { readJwtPart } from '../jwt-part.js';
import type { SignIn } from '../sign-in.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import { THIS_GATEWAY, type VerifiedToken } from '../verified-token.js';
import { remedyFor, type RemedyContext } from './remedies.js';
import type { Step } from './step.js';

/** What a diagnosis is made with. */
export interface DiagnosisInput {
  readonly settings: Pick<LiveSettings, 'providers' | 'tenants'>;
  readonly publicUrls: readonly string[];
  readonly signIn: SignIn;
  /** The tenant whose own address is called; undefined for `/mcp`. */
  readonly door: string | undefined;
}

/**
 * Says step by step what would become of a credential: the same strategy verifies it as at a request, and what its claims say is
 * looked at on its own, so that one refusal does not hide the next.
 */
export async function diagnoseToken(token: string, input: DiagnosisInput): Promise<readonly Step[]> {
  const { signIn, settings, door } = input;
  const claims = readClaims(token);
  const shape: Step = { name: 'form', result: 'ok', found: describeShape(token, claims) };
  let id: string;
  try {
    id = signIn.providerOf(token, door);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return [shape, { name: 'provider', result: 'problem', found: error.message, remedy: explainNobody(token, claims, settings.providers) }];
  }
  const provider = settings.providers[id];
  if (!provider) throw new Error(`there is no provider ${id}`);
  const resource = `${input.publicUrls[0]}${mcpPath(door)}`;
  const context: RemedyContext = { provider: id, preset: provider.preset, resource, audiences: audiencesOf(provider) };
  const chosen: Step = { name: 'provider', result: 'ok', found: `${id} (preset ${provider.preset})${claims ? `, by the issuer ${String(claims['iss'])}` : ', by its beginning'}` };
  const { verification, verified } = await verify(input, id, token, context);
  const said = verified ? undefined : claims;
  return [shape, chosen, ...claimSteps(claims, provider, context, verification), verification, ...afterwards(verified, said, input, provider, context)];
}

async function verify({ signIn }: DiagnosisInput, id: string, token: string, context: RemedyContext): Promise<{ verification: Step; verified?: VerifiedToken }> {
  const name = 'verification';
  try {
    const verified = await signIn.authenticate(id, token);
    const { caller } = verified;
    return { verification: { name, result: 'ok', found: `${caller.provider}:${caller.subject}, a ${caller.kind}${caller.clientId === undefined ? '' : ` through client ${caller.clientId}`}` }, verified };
  } catch (error) {
    if (error instanceof TokenError) return { verification: { name, result: 'problem', found: `${error.message} (${error.reason})`, remedy: remedyFor(error.reason, context) } };
    if (!(error instanceof GatewayError)) throw error;
    const remedy = `see "gatehouse doctor provider ${id}"`;
    return { verification: { name, result: 'problem', found: `nobody can tell now: ${error.message}`, remedy } };
  }
}

/** Time is worth showing even when the signature fails; what the strategy has refused already is not said twice. */
function claimSteps(claims: Claims | undefined, provider: ProviderSettings, context: RemedyContext, verification: Step): readonly Step[] {
  if (!claims) return [];
  const now = Date.now() / 1_000;
  const found = `${describeTime('issued', claims['iat'], now)}, ${describeTime('expires', claims['exp'], now)}`;
  const lifetime = 'maxTokenLifetime' in provider ? provider.maxTokenLifetime : 0;
  try {
    judgeClaims({ ...claims, sub: claims['sub'] ?? 'unknown' }, { maxTokenLifetime: lifetime }, now);
    return [{ name: 'time', result: 'ok', found }];
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const isSaid = verification.found.includes(`(${error.reason})`);
    return [{ name: 'time', result: 'problem', found: `${found}: ${error.message}`, ...(isSaid ? {} : { remedy: remedyFor(error.reason, context) }) }];
  }
}

/** What the guards judge behind the strategy; of a credential that it refused, by what the credential claims. */
function afterwards(verified: VerifiedToken | undefined, claims: Claims | undefined, input: DiagnosisInput, provider: ProviderSettings, context: RemedyContext): readonly Step[] {
  const audiences = verified?.audiences ?? (claims ? readAudiences(claims) : undefined);
  return [
    ...(audiences === undefined || audiences === THIS_GATEWAY ? [] : [audienceStep(audiences, input, context)]),
    ...(verified ? [tenantStep(verified, input), ...scopeSteps(verified, provider)] : []),
  ];
}

function audienceStep(audiences: readonly string[], { publicUrls, door }: DiagnosisInput, context: RemedyContext): Step {
  const accepted = [...publicUrls.map((url) => url + mcpPath(door)), ...context.audiences];
  const isAccepted = audiences.some((audience) => accepted.includes(audience));
  const found = `the token is for ${audiences.join(', ') || 'nobody (no aud)'}; accepted here: ${accepted.join(', ')}`;
  return { name: 'audience', result: isAccepted ? 'ok' : 'problem', found, ...(isAccepted ? {} : { remedy: remedyFor('audience', context) }) };
}

function tenantStep({ caller }: VerifiedToken, { settings, door }: DiagnosisInput): Step {
  const name = 'tenant';
  if (caller.tenant !== undefined) {
    const isOther = door !== undefined && door !== caller.tenant;
    return { name, result: isOther ? 'problem' : 'ok', found: caller.tenant, ...(isOther ? { remedy: `the caller belongs to ${caller.tenant}: use /t/${caller.tenant}/mcp or /mcp` } : {}) };
  }
  const rules = Object.entries(settings.tenants).flatMap(([tenant, value]) => value.rules.filter((rule) => rule.provider === caller.provider).map((rule) => `${tenant}: ${describeRule(rule)}`));
  const found = rules.length === 0 ? `no tenant has a rule for provider ${caller.provider}` : `no rule gives the caller one tenant (${rules.join('; ')})`;
  const remedy = `add a rule to tenants.NAME.rules, or have the provider put the claim into access tokens; an e-mail domain counts only with email and email_verified: true`;
  return { name, result: 'problem', found, remedy };
}

function scopeSteps({ caller }: VerifiedToken, provider: ProviderSettings): readonly Step[] {
  const scopes = [...caller.scopes].join(' ') || 'none';
  const roles = [...caller.roles].join(', ') || 'none';
  const basic = 'basicScopes' in provider ? provider.basicScopes.join(' ') : '';
  const isEmpty = caller.scopes.size === 0 && caller.roles.size === 0;
  const remedy = `tools that need a scope or role answer 403 with what is missing: have the client ask for scopes of this API (basicScopes are ${basic || 'none'}), or map a claim with roles`;
  return [{ name: 'permissions', result: isEmpty ? 'note' : 'ok', found: `scopes ${scopes}; roles ${roles}`, ...(isEmpty ? { remedy } : {}) }];
}

/** The traps that end in "not from a provider of this gateway". */
function explainNobody(token: string, claims: Claims | undefined, providers: LiveSettings['providers']): string {
  const list = Object.entries(providers);
  const issuers = list.flatMap(([, provider]) => issuersOf(provider));
  if (claims === undefined) {
    if (token.split('.').length === 5) return 'the token is encrypted (JWE), for somebody else to read. Auth0 issues such tokens when the client sends no audience: have it send audience=IDENTIFIER of the API';
    const auth0 = list.find(([, { preset }]) => preset === 'auth0');
    if (auth0) return `the token is opaque. Auth0 issues opaque tokens when the client sends no audience: have it send audience=${audiencesOf(auth0[1])[0]}`;
    const beginnings = list.flatMap(([id, provider]) => tokenPrefixesOf(provider).map((prefix) => `${prefix}… is ${id}'s`));
    return `the token is opaque and no provider takes it (${beginnings.join(', ') || 'none takes opaque tokens'}): add one with preset: introspection, or have the provider issue JWTs`;
  }
  const issuer = String(claims['iss']);
  const near = issuers.find((known) => comparable(known) === comparable(issuer));
  if (near !== undefined) return `the issuer is compared character by character: the token says ${issuer}, the configuration ${near}`;
  const version = /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.com)\/([0-9a-f-]{36})/.exec(issuer);
  if (version) return `the token is of the Entra directory ${version[1]}: add it to tenantId of a provider with preset: entra, if its users may come in`;
  return `the token says ${issuer}; the providers of this gateway are ${issuers.join(', ') || 'none'}: sign in there, or add a provider with this issuer`;
}

/** Issuers that people take for one another: by scheme, slash, case or host names of this machine. */
const comparable = (issuer: string): string => issuer.toLowerCase().replace(/^https?:\/\//, '').replace(/^127\.0\.0\.1/, 'localhost').replace(/\/+$/, '');

function describeRule(rule: TenantRule): string {
  if ('claim' in rule) return `${rule.claim} must be "${rule.equals}"`;
  return 'emailDomains' in rule ? `verified e-mail of ${rule.emailDomains.join(', ')}` : 'everybody';
}

function describeShape(token: string, claims: Claims | undefined): string {
  if (!claims) return `opaque, ${token.length} characters`;
  const { alg, kid, typ } = readJwtPart(token.split('.')[0] ?? '') ?? {};
  return `a JWT of ${token.length} characters, alg ${String(alg)}, kid ${String(kid)}, typ ${String(typ)}`;
}

function describeTime(name: string, seconds: unknown, now: number): string {
  if (typeof seconds !== 'number') return `${name}: not said`;
  const distance = Math.round(seconds - now);
  return `${name} ${distance < 0 ? `${-distance} s ago` : `in ${distance} s`}`;
}

function readClaims(token: string): Claims | undefined {
  const parts = token.split('.');
  const claims = parts.length === 3 ? readJwtPart(parts[1] ?? '') : undefined;
  return claims && typeof claims['iss'] === 'string' ? claims : undefined;
}

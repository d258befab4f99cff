import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { exchangeAudiences, tokenExchangeGrant } from './clients.js';
import { decideScopes, isApiScope, splitScope } from './scopes.js';
import { type SigningKey, signingAlgorithm } from './signing-key.js';
import { type SubjectToken, verifySubjectToken } from './subject-token.js';
import { type DemoAccount, findMachine, findUser } from './users.js';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
const exchangedTokenSeconds = 300;

const parameterNames = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'audience',
  'resource',
  'scope',
] as const;

type ExchangeParameters = Partial<Record<(typeof parameterNames)[number], string | string[]>>;

export interface TokenExchangeSettings {
  readonly key: SigningKey;
  readonly gatewayUrls: readonly string[];
}

/** RFC 8693 as a grant of this server: the authenticated client becomes the actor of the user's new token. */
export function registerTokenExchange(provider: Provider, settings: TokenExchangeSettings): void {
  provider.registerGrantType<ExchangeParameters>(
    tokenExchangeGrant,
    async (ctx) => {
      const { params, client } = ctx.oidc;
      checkTokenTypes(params);
      const audience = chooseAudience(client.clientId, params);
      const subject = await verifySubjectToken(single(params.subject_token) ?? '', {
        issuer: provider.issuer,
        publicKey: settings.key.publicKey,
        gatewayUrls: settings.gatewayUrls,
      });
      const account = findAccount(subject);
      const scopes = narrowScopes(single(params.scope), subject, account);
      ctx.body = await issueToken({ issuer: provider.issuer, key: settings.key, actor: client.clientId, subject, account, audience, scopes });
    },
    parameterNames,
    ['audience', 'resource'],
  );
}

function checkTokenTypes(params: ExchangeParameters): void {
  for (const name of ['subject_token', 'subject_token_type'] as const) {
    if (!single(params[name])) throw new errors.InvalidRequest(`missing required parameter '${name}'`);
  }
  const types: readonly (string | undefined)[] = [accessTokenType, jwtType];
  if (!types.includes(single(params.subject_token_type))) throw new errors.InvalidRequest('subject_token_type must be an access token');
  if (![...types, undefined].includes(single(params.requested_token_type))) {
    throw new errors.InvalidRequest('requested_token_type must be an access token');
  }
  if (params.actor_token !== undefined || params.actor_token_type !== undefined) {
    throw new errors.InvalidRequest('actor_token is not supported: the authenticated client is the actor');
  }
}

function chooseAudience(clientId: string, params: ExchangeParameters): readonly string[] {
  const targets = [params.audience ?? [], params.resource ?? []].flat();
  const allowed = exchangeAudiences[clientId] ?? [];
  if (targets.length === 0) throw new errors.InvalidTarget('audience is required');
  for (const target of targets) {
    if (!allowed.includes(target)) throw new errors.InvalidTarget('this client may not exchange for the requested audience');
  }
  return [...new Set(targets)];
}

function findAccount(subject: SubjectToken): DemoAccount {
  const account = findUser(subject.subject) ?? findMachine(subject.subject);
  if (!account) throw new errors.InvalidRequest('subject_token is invalid: its subject is unknown');
  return account;
}

/** An exchange only narrows: what is asked must be held by the subject token and still be allowed to the user. */
function narrowScopes(requested: string | undefined, subject: SubjectToken, account: DemoAccount): readonly string[] {
  const available = decideScopes(account, subject.scopes.filter(isApiScope)).granted;
  if (requested === undefined) return available;
  const scopes = splitScope(requested);
  const foreign = scopes.filter((scope) => !available.includes(scope));
  if (foreign.length > 0) throw new errors.InvalidScope('the subject token does not carry the requested scope', foreign.join(' '));
  return scopes;
}

interface Issue {
  readonly issuer: string;
  readonly key: SigningKey;
  readonly actor: string;
  readonly subject: SubjectToken;
  readonly account: DemoAccount;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
}

async function issueToken(issue: Issue): Promise<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  const expiresAt = Math.min(now + exchangedTokenSeconds, issue.subject.expiresAt);
  const scope = issue.scopes.join(' ');
  // A chain of delegation nests the earlier actor (RFC 8693 section 4.1).
  const act = issue.subject.actor === undefined ? { sub: issue.actor } : { sub: issue.actor, act: issue.subject.actor };
  const token = await new SignJWT({ scope, client_id: issue.actor, tenant: issue.account.tenant, act })
    .setProtectedHeader({ alg: signingAlgorithm, kid: issue.key.kid, typ: 'at+jwt' })
    .setIssuer(issue.issuer)
    .setSubject(issue.subject.subject)
    .setAudience(issue.audience.length === 1 ? String(issue.audience[0]) : [...issue.audience])
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(issue.key.privateKey);
  return { access_token: token, issued_token_type: accessTokenType, token_type: 'Bearer', expires_in: expiresAt - now, scope };
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

import { EndpointUnavailableError, exchangeAssertion, readSigningKey, Secret, signAssertion } from '@gatehouse-mcp/oauth';
import { pathValueProblem } from '@gatehouse-mcp/openapi-tools';
import { ConfigurationError } from '../config/configuration.error.js';
import type { CredentialOf } from '../config/credential.schema.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import type { CredentialAnswer, CredentialFactory, CredentialStrategy, LinkContext } from '../token-exchange/credential.strategy.js';
import { describeLink, explainFailures, refuseLink } from '../token-exchange/on-behalf-of.js';
import { createTokenExchange } from '../token-exchange/token-exchange.strategy.js';
import { placeAnswer, readAnswer, type ResolverAnswer, type ServiceAccount } from './resolver/resolver.answer.js';

type Context = LinkContext<CredentialOf<'resolver'>>;

const UNAVAILABLE = { code: 'resolver_unavailable', status: 503 };
/** Milliseconds for which a user without a credential is not asked about again. */
const MISSING_MS = 5_000;
/** Milliseconds before its end when a token is asked for anew, so that none ends on its way. */
const MARGIN_MS = 30_000;
const LONGEST_MS = 3_600_000;
/** Characters of `webhookSecret`. */
const SHORTEST_SECRET = 32;

/** What the platform's own credential service has for the caller: a token, a key or a service account. */
export const createResolver: CredentialFactory<'resolver'> = (context) => {
  const { settings, setting, revision, resolved } = context;
  const { baseUrl, service, missing, connectUrl } = settings;
  const proof = createProof(context);
  assertWebhookSecret(context);
  return {
    obtain: async (call, scopes) => {
      const userId = readUserId(call, context);
      // With a token of the caller's own the platform may answer each caller differently.
      const asker = `${setting} ${revision} ${settings.exchange ? `${call.caller.issuer} ${call.caller.subject}` : ''} ${scopes.join(' ')}`;
      const { credential, evict } = await resolved.obtain({ tenant: call.tenant.id, baseUrl, service, userId, asker }, async (isRefused) => {
        const bearer = await proof(call);
        return ask(context, userId, scopes, bearer, isRefused);
      });
      if (credential) return { ...credential, evict };
      if (missing === 'continue') return undefined;
      if (connectUrl !== undefined) throw new ConnectionRequiredError(`the platform has no "${service}" of yours yet`, connectUrl);
      throw refuseLink(context, `the platform has no "${service}" for you`);
    },
  };
};

/** Whoever guesses it makes every answer be asked for anew. */
function assertWebhookSecret({ settings: { webhookSecret }, setting, secret }: Context): void {
  if (webhookSecret === undefined || secret(webhookSecret).reveal().length >= SHORTEST_SECRET) return;
  throw new ConfigurationError('the configuration', [{ path: `${setting}.webhookSecret`, message: `must have ${SHORTEST_SECRET} characters or more; make one with: openssl rand -hex 32` }]);
}

/** The token by which the platform knows who asks: never the caller's own. */
function createProof(context: Context): (call: CallContext) => Promise<Secret> {
  const { settings, secret } = context;
  if (!settings.exchange) {
    const token = secret(settings.serviceToken ?? '');
    return async () => token;
  }
  const { provider, clientId, clientSecret, privateKey, keyId, signingAlgorithm, clientAuthentication, audience } = settings.exchange;
  const exchange: CredentialStrategy = createTokenExchange({
    ...context,
    settings: { type: 'token-exchange', when: undefined, provider, clientId, clientSecret, privateKey, keyId, signingAlgorithm, clientAuthentication, audience, requestedTokenType: 'access_token' },
  });
  return async (call) => {
    const held = await exchange.obtain(call, []);
    if (!held?.placement) throw refuseLink(context, 'there is no token for the platform');
    return held.placement.secret;
  };
}

function readUserId({ caller }: CallContext, context: Context): string {
  const { provider } = context.settings;
  if (provider !== undefined && caller.provider !== provider) throw refuseLink(context, `the platform knows the users of provider "${provider}"; you are signed in at "${caller.provider}"`);
  const userId = context.settings.userId === 'sub' ? caller.subject : caller.verifiedEmail;
  if (userId === undefined) throw refuseLink(context, 'your sign-in gives no verified e-mail address');
  if (pathValueProblem(userId) !== undefined) throw refuseLink(context, 'your user key cannot stand in a path');
  return userId;
}

async function ask(context: Context, userId: string, scopes: readonly string[], bearer: Secret, isRefused: boolean): Promise<CredentialAnswer> {
  const { baseUrl, service } = context.settings;
  const url = `${baseUrl.replace(/\/$/, '')}/api/credentials/${encodeURIComponent(userId)}/${encodeURIComponent(service)}`;
  const headers = { accept: 'application/json', authorization: `Bearer ${bearer.reveal()}`, ...(isRefused ? { 'cache-control': 'no-cache' } : {}) };
  let response: Response;
  try {
    response = await context.endpoints.fetchOf(baseUrl)(url, { headers });
  } catch (error) {
    const wait = error instanceof EndpointUnavailableError && error.retryAfter !== undefined ? `; try again in ${error.retryAfter} s` : '';
    throw new GatewayError(UNAVAILABLE, `${describeLink(context)} ${error instanceof EndpointUnavailableError ? error.message : 'cannot be reached'}${wait}`, { cause: error });
  }
  const body = await response.text();
  if (response.status === 404) return { credential: undefined, goodFor: MISSING_MS };
  if (response.status !== 200) throw refuseLink(context, response.status === 401 || response.status === 403 ? `the platform does not take Gatehouse's own token (${response.status})` : `the platform answered ${response.status}`);
  const answer = readWith(context, () => readAnswer(body));
  return toCredential(context, answer, scopes, readMaxAge(response));
}

async function toCredential(context: Context, answer: ResolverAnswer, asked: readonly string[], maxAge: number | undefined): Promise<CredentialAnswer> {
  const { service, cacheFor } = context.settings;
  const kept = answer.ttl ?? maxAge;
  if (answer.type === 'service_account') return actAs(context, answer.service_account, answer.scope ?? asked, kept);
  const placement = readWith(context, () => placeAnswer(answer, context.settings));
  const life = answer.type === 'api_key' || answer.expires_in === undefined ? LONGEST_MS : answer.expires_in * 1_000 - MARGIN_MS;
  const scopes = answer.type === 'api_key' ? null : (answer.scope ?? null);
  return { credential: { placement, actor: `resolver:${service}`, scopes, isNarrowed: false }, goodFor: Math.min(kept === undefined ? cacheFor : kept * 1_000, life, LONGEST_MS) };
}

/** A service identity that the platform holds: the audit shows it as one. */
function actAs(context: Context, account: ServiceAccount, scopes: readonly string[], kept: number | undefined): Promise<CredentialAnswer> {
  const { client_email: issuer, private_key: pem, private_key_id: keyId, token_uri: endpoint } = account;
  const key = readWith(context, () => readSigningKey(new Secret(pem), 'RS256'));
  return explainFailures(context, async () => {
    const more: Record<string, string> = scopes.length === 0 ? {} : { scope: scopes.join(' ') };
    const assertion = await signAssertion({ key, algorithm: 'RS256', keyId, issuer, subject: issuer, audience: endpoint, more });
    const { accessToken, expiresIn = 60, scopes: granted } = await exchangeAssertion({ issuer: endpoint, tokenEndpoint: endpoint, clientId: issuer, authentication: undefined, assertion, scopes, more: {} }, context.endpoints.fetchOf(endpoint));
    const placement = { in: 'header', name: 'authorization', prefix: 'Bearer ', secret: accessToken } as const;
    const goodFor = Math.min(kept === undefined ? context.settings.cacheFor : kept * 1_000, expiresIn * 1_000 - MARGIN_MS);
    return { credential: { placement, actor: `service-account:${issuer}`, scopes: granted.length === 0 ? null : granted, isNarrowed: false }, goodFor };
  });
}

function readMaxAge({ headers }: Response): number | undefined {
  const text = /(?:^|[ ,])max-age=(\d{1,6})(?:$|[ ,])/i.exec(headers.get('cache-control') ?? '')?.[1];
  return text === undefined ? undefined : Number(text);
}

function readWith<T>(context: Context, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refuseLink(context, error instanceof Error ? error.message : 'its answer cannot be read');
  }
}

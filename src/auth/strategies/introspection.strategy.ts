import { createPrivateKey } from 'node:crypto';
import { discoverIssuer, introspectToken, Secret, type ClientAuthentication } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../../config/configuration.error.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { judgeClaims, judgeKind, readAudiences, toCaller } from '../claims.js';
import { providerUnavailable } from '../provider.http.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import { BearerStrategy, type StrategyContext, type StrategyFactory } from './strategy.js';

type Context = StrategyContext<ProviderOf<'introspection'>>;

/** Asks the authorization server about each token (RFC 7662); `active` alone proves nothing, so the rest is judged as a JWT's is. */
export const createIntrospectionStrategy: StrategyFactory<'introspection'> = async (context) => {
  const { id, settings, fetch } = context;
  const authentication = await readAuthentication(context);
  let discovered: Promise<string> | undefined;
  const findEndpoint = async (): Promise<string> => {
    if (settings.introspectionEndpoint !== undefined) return settings.introspectionEndpoint;
    discovered ??= discoverEndpoint(context);
    return discovered.catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
  };
  return new BearerStrategy(async (token) => {
    const endpoint = await findEndpoint();
    const request = { issuer: settings.issuer ?? endpoint, endpoint, clientId: settings.clientId, authentication, token: new Secret(token) };
    const claims = await introspectToken(request, fetch).catch((error: unknown) => {
      // It says for itself when to come back.
      if (error instanceof GatewayError) throw error;
      // What the endpoint answers to a question it refuses is about our client, not about the caller.
      throw providerUnavailable(`the identity provider "${id}" does not say whether the token is active`, error);
    });
    if (!claims) throw new TokenError('inactive', 'the token is not active: it has expired, was revoked, or is not for this gateway');
    return describe(context, claims);
  });
};

function describe(context: Context, answered: Claims) {
  const { settings } = context;
  const { iss, token_type: type, exp, username, sub } = answered;
  if (settings.issuer !== undefined && iss !== undefined && iss !== settings.issuer) throw new TokenError('unknown_issuer', 'the token is not from this provider');
  if (type !== undefined && !(typeof type === 'string' && /^(?:bearer|access_token)$/i.test(type))) throw new TokenError('token_type', 'the token is not an access token');
  // Servers say `active` of ID and refresh tokens too.
  judgeKind(answered);
  // Without `exp` the answer holds as long as it is cached: it is asked for again then.
  const claims = { ...answered, sub: sub ?? username, exp: exp ?? Math.floor(Date.now() / 1_000) + settings.cacheFor / 1_000 };
  judgeClaims(claims, settings, Date.now() / 1_000);
  return { caller: toCaller(context, claims), audiences: readAudiences(answered), isExchangeable: settings.issuer !== undefined };
}

async function discoverEndpoint({ settings, fetch, id }: Context): Promise<string> {
  const { introspectionEndpoint } = await discoverIssuer(settings.issuer ?? '', fetch).catch((error: unknown) => {
    throw providerUnavailable(`the metadata of the identity provider "${id}" cannot be read now`, error);
  });
  if (introspectionEndpoint === undefined) throw providerUnavailable(`the metadata of the identity provider "${id}" names no introspection_endpoint; set providers.${id}.introspectionEndpoint`, undefined);
  return introspectionEndpoint;
}

async function readAuthentication({ id, settings, secret }: Context): Promise<ClientAuthentication> {
  if (settings.clientSecret !== undefined) return { method: 'client_secret_basic', secret: secret(settings.clientSecret) };
  const algorithms = {
    RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  };
  try {
    const key = createPrivateKey(secret(settings.privateKey ?? '').reveal()).toCryptoKey(algorithms[settings.signingAlgorithm], false, ['sign']);
    return { method: 'private_key_jwt', key, keyId: settings.keyId };
  } catch {
    throw new ConfigurationError('the configuration', [{ path: `providers.${id}.privateKey`, message: `is no private key in PEM for ${settings.signingAlgorithm}` }]);
  }
}

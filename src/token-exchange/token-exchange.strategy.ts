import { exchangeToken, grantClientCredentials, type GrantedToken } from '@gatehouse-mcp/oauth';
import { toList } from '../config/provider-identity.js';
import type { CredentialOf } from '../config/credential.schema.js';
import type { CallContext } from '../context/call-context.js';
import { readProof } from './client-proof.js';
import type { CredentialFactory, LinkContext } from './credential.strategy.js';
import type { ExchangeKeyParts } from './exchanged-token.cache.js';
import { bearerOf, explainFailures, partsOfCaller, partsOfService, readSubjectToken, refuseLink, subjectLifetime } from './on-behalf-of.js';
import type { TokenEndpoint } from './token.endpoints.js';

/** RFC 8693: the caller's token exchanged for one of the API, with the caller's scopes and no others. */
export const createTokenExchange: CredentialFactory<'token-exchange'> = (context) => {
  const { settings, provider, tokens, endpoints } = context;
  const authentication = readProof(context, settings);
  const { clientId, resource, requestedTokenType } = settings;
  const audience = toList(settings.audience);
  return {
    obtain: (call, scopes) =>
      explainFailures(context, async () => {
        const subjectToken = readSubjectToken(call, context);
        if (!provider) throw refuseLink(context, 'the provider is no longer configured');
        const endpoint = await endpoints.of(provider);
        const parts: ExchangeKeyParts = {
          ...partsOfCaller(call, context, subjectToken),
          client: clientId,
          endpoint: endpoint.url,
          audience,
          resource: resource ?? '',
          scopes,
          type: requestedTokenType,
          actor: settings.actor?.clientId ?? '',
        };
        const obtained = await tokens.obtain(parts, subjectLifetime(call), async () => {
          const actorToken = (await obtainActor(context, call, endpoint))?.accessToken;
          const request = { issuer: endpoint.issuer, tokenEndpoint: endpoint.url, clientId, authentication, subjectToken, actorToken, requestedTokenType, audience, resource, scopes };
          return exchangeToken(request, endpoints.fetchOf(endpoint.url));
        });
        return bearerOf(obtained, { actor: clientId, scopes: obtained.token.scopes, isNarrowed: true });
      }),
  };
};

/** The token that says who acts; the same for every caller of a tenant. */
async function obtainActor(context: LinkContext<CredentialOf<'token-exchange'>>, call: CallContext, endpoint: TokenEndpoint): Promise<GrantedToken | undefined> {
  const { settings, revision, tokens, endpoints } = context;
  if (!settings.actor) return undefined;
  const { clientId, clientSecret, scope } = settings.actor;
  const parts: ExchangeKeyParts = {
    ...partsOfService(call, revision, 'actor'),
    client: clientId,
    endpoint: endpoint.url,
    audience: [],
    resource: '',
    scopes: scope?.split(' ') ?? [],
    type: '',
    actor: '',
  };
  const authentication = readProof(context, { ...settings, clientSecret, privateKey: undefined });
  const request = { issuer: endpoint.issuer, tokenEndpoint: endpoint.url, clientId, authentication, scope };
  return (await tokens.obtain(parts, Infinity, () => grantClientCredentials(request, endpoints.fetchOf(endpoint.url)))).token;
}

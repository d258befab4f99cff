import { certificateThumbprint, exchangeAssertion, readSigningKey, type ClientAuthentication } from '@gatehouse-mcp/oauth';
import { entraIssuer, toList } from '../config/provider-identity.js';
import type { CredentialOf } from '../config/credential.schema.js';
import type { ProviderOf } from '../config/provider.schema.js';
import { judgeKey } from './client-proof.js';
import type { CredentialFactory, LinkContext } from './credential.strategy.js';
import { bearerOf, explainFailures, namedScopes, partsOfCaller, readSubjectToken, refuseLink, requireUser, subjectLifetime } from './on-behalf-of.js';
import type { TokenEndpoint } from './token.endpoints.js';

/**
 * Entra ID's on-behalf-of flow: the assertion is the caller's token, which must be for the app registration that asks. Scopes are
 * the app's consented ones (`.default`): Entra ID cannot narrow them to the caller's, so policy alone decides what the caller may do.
 */
export const createEntraObo: CredentialFactory<'entra-obo'> = (context) => {
  const { settings, provider, tokens, endpoints } = context;
  const authenticationAt = readAuthentication(context);
  const scope = settings.scope ?? `${settings.audience}/.default`;
  const scopes = scope.split(' ').filter(Boolean);
  return {
    obtain: (call, held) =>
      explainFailures(context, async () => {
        requireUser(call, context);
        const assertion = readSubjectToken(call, context);
        if (provider?.preset !== 'entra') throw refuseLink(context, 'the provider is no longer of preset entra');
        const endpoint = endpointOf(provider, call.caller.issuer);
        if (!endpoint) throw refuseLink(context, 'your directory is no longer configured');
        const parts = {
          ...partsOfCaller(call, context, assertion),
          client: provider.clientId,
          endpoint: endpoint.url,
          audience: [],
          resource: '',
          scopes,
          type: 'on_behalf_of',
          actor: '',
        };
        const obtained = await tokens.obtain(parts, subjectLifetime(call), () => {
          const request = { issuer: endpoint.issuer, tokenEndpoint: endpoint.url, clientId: provider.clientId, authentication: authenticationAt(endpoint.url), assertion, scopes, more: { requested_token_use: 'on_behalf_of' } };
          return exchangeAssertion(request, endpoints.fetchOf(endpoint.url));
        });
        return bearerOf(obtained, { actor: provider.clientId, scopes: readGranted(obtained.token.scopes, held), isNarrowed: false });
      }),
  };
};

/** Entra ID names scopes with their API, `api://x/Orders.Read`; documents do so or not. */
function readGranted(granted: readonly string[], held: readonly string[]): readonly string[] | null {
  return namedScopes(granted)?.map((scope) => (held.includes(scope) ? scope : scope.slice(scope.lastIndexOf('/') + 1))) ?? null;
}

/** The caller's own directory issues the token. */
function endpointOf({ tokenEndpoint, authority, tenantId }: ProviderOf<'entra'>, issuer: string): TokenEndpoint | undefined {
  const tenant = toList(tenantId).find((id) => entraIssuer(authority, id) === issuer);
  return tenant === undefined ? undefined : { issuer, url: tokenEndpoint ?? `${authority}/${tenant}/oauth2/v2.0/token` };
}

/** Entra ID knows a key by its certificate's thumbprint, and wants its token endpoint as the assertion's audience. */
function readAuthentication({ settings, setting, secret }: LinkContext<CredentialOf<'entra-obo'>>): (endpoint: string) => ClientAuthentication {
  const { clientSecret, privateKey, certificate } = settings;
  if (privateKey === undefined || certificate === undefined) return () => ({ method: 'client_secret_post', secret: secret(clientSecret ?? '') });
  const key = judgeKey(`${setting}.privateKey`, () => readSigningKey(secret(privateKey), 'PS256'));
  const thumbprint = judgeKey(`${setting}.certificate`, () => certificateThumbprint(secret(certificate).reveal(), secret(privateKey)));
  return (audience) => ({ method: 'private_key_jwt', key, keyId: undefined, audience, thumbprint });
}

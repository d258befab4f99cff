import { grantClientCredentials, type ClientAuthentication } from '@gatehouse-mcp/oauth';
import type { CredentialOf } from '../config/credential.schema.js';
import { readProof } from '../token-exchange/client-proof.js';
import type { CredentialFactory, LinkContext } from '../token-exchange/credential.strategy.js';
import { bearerOf, explainFailures, namedScopes, partsOfService, refuseLink } from '../token-exchange/on-behalf-of.js';
import type { TokenEndpoint } from '../token-exchange/token.endpoints.js';

/** RFC 6749 §4.4: the gateway's own identity, written by the operator. One token for a tenant's link, whoever calls. */
export const createClientCredentials: CredentialFactory<'client-credentials'> = (context) => {
  const { settings, provider, revision, setting, tokens, endpoints } = context;
  const proof = readProof(context, settings);
  const { clientId, scope, audience, resource } = settings;
  return {
    obtain: (call) =>
      explainFailures(context, async () => {
        const endpoint = await findEndpoint(context);
        const parts = {
          ...partsOfService(call, revision, `${settings.type} ${setting}`),
          client: clientId,
          endpoint: endpoint.url,
          audience: audience === undefined ? [] : [audience],
          resource: resource ?? '',
          scopes: scope?.split(' ').filter(Boolean) ?? [],
          type: '',
          actor: '',
        };
        const obtained = await tokens.obtain(parts, Infinity, () => {
          const authentication = aimProof(proof, endpoint, provider?.preset);
          return grantClientCredentials({ issuer: endpoint.issuer, tokenEndpoint: endpoint.url, clientId, authentication, scope, audience, resource }, endpoints.fetchOf(endpoint.url));
        });
        return bearerOf(obtained, { actor: `client-credentials:${clientId}`, scopes: namedScopes(obtained.token.scopes), isNarrowed: false });
      }),
  };
};

async function findEndpoint(context: LinkContext<CredentialOf<'client-credentials'>>): Promise<TokenEndpoint> {
  const { settings, provider, endpoints } = context;
  if (settings.tokenEndpoint !== undefined) return { issuer: settings.tokenEndpoint, url: settings.tokenEndpoint };
  if (!provider) throw refuseLink(context, 'the provider is no longer configured');
  return endpoints.of(provider);
}

/** Entra ID wants its token endpoint as the audience of the client's assertion, others their issuer. */
function aimProof(proof: ClientAuthentication, { url }: TokenEndpoint, preset: string | undefined): ClientAuthentication {
  return proof.method === 'private_key_jwt' && preset === 'entra' ? { ...proof, audience: url } : proof;
}

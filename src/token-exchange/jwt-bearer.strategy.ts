import { exchangeAssertion } from '@gatehouse-mcp/oauth';
import { readProof } from './client-proof.js';
import type { CredentialFactory } from './credential.strategy.js';
import { bearerOf, explainFailures, partsOfCaller, readSubjectToken, refuseLink, requireUser, subjectLifetime } from './on-behalf-of.js';
import { createSignedAssertion } from './signed-assertion.strategy.js';

/** RFC 7523: the caller's token is the assertion, at the server that issued it; or an assertion that the gateway signs. */
export const createJwtBearer: CredentialFactory<'jwt-bearer'> = (context) => {
  const { settings, provider, tokens, endpoints } = context;
  if (settings.signed) return createSignedAssertion(context, settings.signed);
  const authentication = readProof(context, settings);
  const { clientId = '', audience } = settings;
  return {
    obtain: (call, scopes) =>
      explainFailures(context, async () => {
        requireUser(call, context);
        const assertion = readSubjectToken(call, context);
        if (!provider) throw refuseLink(context, 'the provider is no longer configured');
        const endpoint = await endpoints.of(provider);
        const parts = {
          ...partsOfCaller(call, context, assertion),
          client: clientId,
          endpoint: endpoint.url,
          audience: audience === undefined ? [] : [audience],
          resource: '',
          scopes,
          type: '',
          actor: '',
        };
        const obtained = await tokens.obtain(parts, subjectLifetime(call), () => {
          const request = { issuer: endpoint.issuer, tokenEndpoint: endpoint.url, clientId, authentication, assertion, scopes, more: audience === undefined ? {} : { audience } };
          return exchangeAssertion(request, endpoints.fetchOf(endpoint.url));
        });
        return bearerOf(obtained, { actor: clientId, scopes: obtained.token.scopes, isNarrowed: true });
      }),
  };
};

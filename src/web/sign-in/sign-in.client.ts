import { randomBytes } from 'node:crypto';
import {
  authorizationUrl, AuthorizationResponseError, type ClientAuthentication, createPkce, grantAuthorizationCode, type GrantedToken, readAuthorizationResponse, Secret, TokenGrantError,
} from '@gatehouse-mcp/oauth';
import { Inject, Injectable } from '@nestjs/common';
import { SecurityEvents } from '../../audit/security-events.js';
import { judgeAudience } from '../../auth/audience.js';
import { readJwtPart } from '../../auth/jwt-part.js';
import { ProviderMetadata } from '../../auth/provider-metadata.js';
import { providerUnavailable } from '../../auth/provider.http.js';
import { StrategyParts } from '../../auth/strategy-parts.js';
import { TokenError } from '../../auth/token.error.js';
import { TokenVerifier } from '../../auth/token.verifier.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { mcpPath } from '../../config/protected-resource.js';
import { canonicalIssuer } from '../../config/provider-identity.js';
import { PUBLIC_URLS } from '../../config/start-settings.js';
import type { Caller } from '../../context/caller.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { type BrowserProvider, findBrowser, knownEndpoints, takesResource } from './browser-client.js';
import type { PendingSignIn } from './pending-sign-ins.js';

/** What must come back with the answer, or be proved with the code. */
export type SignInProof = Pick<PendingSignIn, 'provider' | 'state' | 'verifier' | 'nonce'>;

const REFUSED = { code: 'sign_in_refused', status: 403 };

/** The pages as an OAuth client of the identity providers: authorization code with PKCE, and the token verified as an agent's is. */
@Injectable()
export class SignInClient {
  readonly #metadata: ProviderMetadata;

  constructor(
    private readonly live: LiveConfiguration,
    private readonly parts: StrategyParts,
    private readonly verifier: TokenVerifier,
    private readonly securityEvents: SecurityEvents,
    @Inject(PUBLIC_URLS) private readonly publicUrls: readonly string[],
  ) {
    this.#metadata = new ProviderMetadata(parts, 'pages');
  }

  /** @throws GatewayError 503 when the provider cannot be asked where to go */
  async begin(provider: BrowserProvider, publicUrl: string): Promise<{ readonly location: URL; readonly proof: SignInProof }> {
    const { authorizationEndpoint } = await this.#server(provider);
    const { challenge, verifier } = createPkce();
    const scopes = scopesOf(provider);
    const nonce = scopes.includes('openid') ? randomBytes(16).toString('base64url') : undefined;
    const state = randomBytes(16).toString('base64url');
    const resource = resourceOf(provider, publicUrl);
    const { clientId, parameters } = provider.browser;
    const more = { ...(resource === undefined ? {} : { resource }), ...parameters, ...(nonce === undefined ? {} : { nonce }) };
    const location = authorizationUrl({ authorizationEndpoint, clientId, redirectUri: redirectUri(publicUrl), state, challenge, scopes, more });
    return { location, proof: { provider: provider.id, state, verifier: verifier.reveal(), nonce } };
  }

  /**
   * Who came back, by the same verification as any token's. The token is not kept.
   * @param answer whose state was compared already
   * @throws GatewayError 400 or 403 with what the person can do, 503 when nobody can tell now
   */
  async finish(pending: PendingSignIn, answer: URLSearchParams, { publicUrl, address }: { readonly publicUrl: string; readonly address: string }): Promise<Caller> {
    const provider = findBrowser(this.live.current.settings, pending.provider);
    if (!provider) throw new GatewayError(REFUSED, 'people do not sign in at this identity provider any more');
    try {
      const token = await this.#redeem(provider, pending, answer, publicUrl);
      const verified = await this.verifier.verify(token, pending.tenant);
      if (verified.caller.provider !== provider.id) throw new TokenError('wrong_provider', 'the token is not of the identity provider that was asked');
      judgeAudience(verified, { settings: this.live.current.settings, publicUrls: this.publicUrls, path: mcpPath(undefined) });
      if (verified.caller.kind !== 'user') throw new TokenError('machine', 'the token is nobody\'s but a client\'s own');
      return verified.caller;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.securityEvents.count(error.reason, provider.id, address);
      throw new GatewayError(REFUSED, `your identity provider signed you in, but ${error.message}`, { cause: error });
    }
  }

  async #redeem(provider: BrowserProvider, { verifier, nonce }: PendingSignIn, answer: URLSearchParams, publicUrl: string): Promise<Secret> {
    const { issuer, tokenEndpoint, isRequired } = await this.#server(provider);
    const { clientId } = provider.browser;
    const request = { issuer: issuer ?? tokenEndpoint, tokenEndpoint, clientId, authentication: this.#authentication(provider), verifier: new Secret(verifier), redirectUri: redirectUri(publicUrl), scopes: scopesOf(provider), resource: resourceOf(provider, publicUrl) };
    try {
      const code = readAuthorizationResponse(answer, { issuer, isRequired });
      return tokenOf(provider, await grantAuthorizationCode({ ...request, code }, this.parts.fetchFor(provider.id, 'pages')), nonce);
    } catch (error) {
      if (error instanceof AuthorizationResponseError) throw new GatewayError({ code: 'sign_in_refused', status: 400 }, `your identity provider did not sign you in (${error.error})`, { cause: error });
      if (!(error instanceof TokenGrantError)) throw error;
      if (error.error === 'unreachable') throw error.cause instanceof GatewayError ? error.cause : providerUnavailable(`the identity provider "${provider.id}" cannot be asked now`, error);
      throw new GatewayError({ code: 'sign_in_refused', status: 400 }, `your identity provider did not accept the answer of its own page (${error.error})`, { cause: error });
    }
  }

  /** Where it is, with its metadata where the settings do not say it. */
  async #server(browserProvider: BrowserProvider) {
    const { id, provider } = browserProvider;
    const known = knownEndpoints(browserProvider);
    const isKnown = known.authorizationEndpoint !== undefined && known.tokenEndpoint !== undefined;
    const metadata = isKnown ? undefined : await this.#metadata.read(id, provider);
    const authorizationEndpoint = known.authorizationEndpoint ?? metadata?.authorizationEndpoint;
    const tokenEndpoint = known.tokenEndpoint ?? metadata?.tokenEndpoint;
    if (authorizationEndpoint === undefined || tokenEndpoint === undefined) throw providerUnavailable(`the metadata of the identity provider "${id}" name no authorization and token endpoint`, undefined);
    return { issuer: metadata?.issuer ?? canonicalIssuer(provider), authorizationEndpoint, tokenEndpoint, isRequired: metadata?.identifiesItself === true };
  }

  /** GitHub takes its secret in the form only. */
  #authentication({ provider, browser }: BrowserProvider): ClientAuthentication | undefined {
    const secret = browser.clientSecret === undefined ? undefined : this.live.current.secrets.get(browser.clientSecret);
    return secret && { method: provider.preset === 'github' ? 'client_secret_post' : browser.clientAuthentication, secret };
  }
}

const redirectUri = (publicUrl: string): string => `${publicUrl}/connections/signed-in`;

const scopesOf = ({ provider, browser }: BrowserProvider): readonly string[] => browser.scopes ?? ('basicScopes' in provider ? provider.basicScopes : []);

function resourceOf({ provider, browser }: BrowserProvider, publicUrl: string): string | undefined {
  return browser.parameters['resource'] ?? (takesResource(provider) ? publicUrl + mcpPath(undefined) : undefined);
}

/** The token that agents bring as well. An ID token that came along is of this sign-in (OpenID Connect Core §3.1.3.7). */
function tokenOf({ provider }: BrowserProvider, { accessToken, idToken }: GrantedToken, nonce: string | undefined): Secret {
  if (idToken && nonce !== undefined && readNonce(idToken) !== nonce) throw new TokenError('nonce', 'its ID token is of another sign-in');
  const isIdToken = provider.preset === 'oidc' && provider.tokenKind === 'id_token';
  if (!isIdToken) return accessToken;
  if (!idToken) throw new TokenError('no_id_token', 'it sent no ID token, which this provider\'s tokenKind asks for: openid is missing in the scopes');
  return idToken;
}

const readNonce = (idToken: Secret): unknown => readJwtPart(idToken.reveal().split('.')[1] ?? '')?.['nonce'];

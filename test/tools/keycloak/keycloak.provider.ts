import { randomUUID } from 'node:crypto';
import type { OAuthClientInformation, OAuthClientMetadata, OAuthClientProvider, OAuthDiscoveryState, StoredOAuthTokens } from '@modelcontextprotocol/client';
import { logInAtKeycloak } from './keycloak.login.js';

/** An MCP client's OAuth side whose person logs in at Keycloak. It knows its client id (the realm registers nobody by itself), and no URL. */
export class KeycloakProvider implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:33418/callback';
  readonly clientMetadata: OAuthClientMetadata = { client_name: 'MCP client', redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  /** Every authorization URL that a browser would have been opened with. */
  readonly authorizations: URL[] = [];
  savedTokens: StoredOAuthTokens | undefined;
  readonly #state = randomUUID();
  #verifier = '';
  #callback: URL | undefined;
  #discovery: OAuthDiscoveryState | undefined;

  constructor(readonly user: string) {}

  state(): string {
    return this.#state;
  }

  clientInformation(): OAuthClientInformation {
    return { client_id: 'mcp-client' };
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.savedTokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.savedTokens = tokens;
  }

  async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.authorizations.push(authorizationUrl);
    this.#callback = await logInAtKeycloak(authorizationUrl, this.user);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  /** The parameters that the callback came with. */
  takeCallback(): URLSearchParams {
    const parameters = this.#callback?.searchParams;
    this.#callback = undefined;
    if (parameters?.get('state') !== this.#state) throw new Error('no callback, or one with a foreign state');
    return parameters;
  }
}

import { randomUUID } from 'node:crypto';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { loginHeadless } from './headless-login.js';

/**
 * An MCP client's OAuth side with a person who needs no screen: nothing is configured, everything is discovered and
 * registered by the SDK, and where a desktop client would open a browser, the login forms are filled in.
 */
export class HeadlessProvider implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:33418/callback';
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'Gatehouse demo client',
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };

  /** Every authorization URL a browser would have been opened with. */
  readonly authorizations: URL[] = [];

  private readonly sentState = randomUUID();
  private client: StoredOAuthClientInformation | undefined;
  private savedTokens: StoredOAuthTokens | undefined;
  private verifier = '';
  private discovery: OAuthDiscoveryState | undefined;
  private callback: URL | undefined;

  constructor(readonly user: string) {}

  state(): string {
    return this.sentState;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.client;
  }

  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.client = client;
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.savedTokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.savedTokens = tokens;
  }

  async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.authorizations.push(authorizationUrl);
    this.callback = await loginHeadless({ authorizationUrl, user: this.user });
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier(): string {
    return this.verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.discovery = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.discovery;
  }

  /** The parameters the callback came with, once; the SDK leaves `state` to its host, so it is compared here. */
  takeCallback(): URLSearchParams {
    const parameters = this.callback?.searchParams;
    this.callback = undefined;
    if (!parameters) throw new Error('nobody was sent to the authorization server');
    if (parameters.get('state') !== this.sentState) throw new Error('the callback carries a foreign state');
    return parameters;
  }
}

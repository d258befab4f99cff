import {
  discoverAuthorizationServerMetadata,
  exchangeAuthorization,
  type OAuthTokens,
  registerClient,
  startAuthorization,
} from '@modelcontextprotocol/client';
import { loginHeadless } from './headless-login.js';

export interface TokenRequest {
  readonly issuer: string;
  readonly user: string;
  /** Any absolute URL without a fragment (RFC 8707); it becomes the token's `aud`. */
  readonly resource: string;
  readonly scope: string;
}

const redirectUri = 'http://127.0.0.1:33418/callback';

/** The authorization code flow with PKCE for any resource, MCP or not: discovery, registration, login, code, token. */
export async function obtainToken({ issuer, user, resource, scope }: TokenRequest): Promise<OAuthTokens> {
  const metadata = await discoverAuthorizationServerMetadata(issuer);
  if (!metadata) throw new Error(`${issuer} publishes no metadata`);
  const clientInformation = await registerClient(issuer, {
    metadata,
    clientMetadata: { client_name: 'Gatehouse demo', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] },
  });
  const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, { metadata, clientInformation, redirectUrl: redirectUri, scope, resource });
  const callback = await loginHeadless({ authorizationUrl, user });
  return exchangeAuthorization(issuer, { metadata, clientInformation, codeVerifier, redirectUri, resource, ...readCallback(callback) });
}

/** What a callback URL carries, or the authorization server's refusal as an error. */
export function readCallback(callback: URL): { authorizationCode: string; iss?: string } {
  const { searchParams } = callback;
  const code = searchParams.get('code');
  if (!code) throw new Error(`the authorization server refused: ${searchParams.get('error_description') ?? searchParams.get('error') ?? 'no code'}`);
  const iss = searchParams.get('iss');
  return { authorizationCode: code, ...(iss ? { iss } : {}) };
}

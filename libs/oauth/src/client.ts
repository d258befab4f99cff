import * as oauth from 'oauth4webapi';
import type { IssuerFetch } from './issuer-http.js';
import type { Secret } from './secret.js';

/** How a client proves to an endpoint who it is (RFC 6749 §2.3, RFC 7523 §2.2, RFC 8705 §2). */
export type ClientAuthentication =
  /** The TLS connection has the client's certificate; the request only names the client. */
  | { readonly method: 'tls_client_auth' }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: Secret }
  /**
   * `keyId` becomes the `kid` of the assertion, whose life is 60 s. Its audience is the issuer unless `audience` says otherwise;
   * `thumbprint` is `x5t#S256` of the key's certificate, for servers that know keys by it.
   */
  | { readonly method: 'private_key_jwt'; readonly key: CryptoKey; readonly keyId: string | undefined; readonly audience?: string | undefined; readonly thumbprint?: string | undefined };

/** The library's form of an authentication. */
export function toClientAuth(authentication: ClientAuthentication): oauth.ClientAuth {
  switch (authentication.method) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(authentication.secret.reveal());
    case 'client_secret_post':
      return oauth.ClientSecretPost(authentication.secret.reveal());
    case 'tls_client_auth':
      return oauth.TlsClientAuth();
    case 'private_key_jwt':
      return proveByKey(authentication);
  }
}

function proveByKey({ key, keyId, audience, thumbprint }: Extract<ClientAuthentication, { method: 'private_key_jwt' }>): oauth.ClientAuth {
  return oauth.PrivateKeyJwt(
    { key, ...(keyId === undefined ? {} : { kid: keyId }) },
    {
      [oauth.modifyAssertion]: (header, payload) => {
        if (audience !== undefined) payload['aud'] = audience;
        if (thumbprint !== undefined) header['x5t#S256'] = thumbprint;
      },
    },
  );
}

/** Options that send the library's requests through our fetch. */
export function requestOptions(fetch: IssuerFetch, signal?: AbortSignal) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams | undefined>) => fetch(url, toIssuerRequest(init)),
    // The operator's own URL decides; egress and environment checks have been made.
    [oauth.allowInsecureRequests]: true,
    ...(signal ? { signal } : {}),
  };
}

function toIssuerRequest(init: oauth.CustomFetchOptions<'POST', URLSearchParams | undefined>) {
  return {
    method: init.method,
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(init.body ? { body: init.body.toString() } : {}),
    ...(init.signal ? { signal: init.signal } : {}),
  };
}

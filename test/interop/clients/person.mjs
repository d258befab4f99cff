/** The person in front of a client: signs in at the demo's authorization server, where a desktop would open a browser. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../../scripts/checkout.mjs';

/** @param {string} user @param {URL} authorizationUrl @returns {Promise<URL>} the callback that the browser was sent to */
export async function signIn(user, authorizationUrl) {
  const { loginHeadless } = await import(pathToFileURL(join(root, 'demo', 'dist', 'login', 'headless-login.js')).href);
  return loginHeadless({ authorizationUrl, user });
}

/** The OAuth provider of a JavaScript client: remembers, and lets the person sign in. Every SDK here takes this shape. @param {string} user */
export function createProvider(user) {
  /** @type {Record<string, any>} */
  const kept = {};
  /** @type {URL | undefined} */
  let callback;
  const redirectUrl = 'http://127.0.0.1:33418/callback';
  return {
    redirectUrl,
    clientMetadata: { client_name: `interop of ${user}`, redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
    clientInformation: () => kept.client,
    saveClientInformation: (/** @type {unknown} */ client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (/** @type {unknown} */ tokens) => void (kept.tokens = tokens),
    codeVerifier: () => kept.verifier,
    saveCodeVerifier: (/** @type {string} */ verifier) => void (kept.verifier = verifier),
    redirectToAuthorization: async (/** @type {URL} */ url) => {
      callback = await signIn(user, url);
    },
    /** What the callback carried, once; undefined when nobody was sent to sign in. */
    takeCallback: () => {
      const parameters = callback?.searchParams;
      callback = undefined;
      if (parameters && !parameters.get('code')) throw new Error(`the authorization server refused: ${parameters.get('error_description') ?? parameters.get('error')}`);
      return parameters;
    },
  };
}

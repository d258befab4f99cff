import { CookieJar } from '../../../demo/login/cookie-jar.js';
import { passwordOf } from './keycloak.js';

const MAX_STEPS = 10;

/**
 * What a person does in a browser at Keycloak: opens the authorization URL, fills in the login page, follows redirects.
 * @returns the callback URL with its `code` or `error`; nobody needs to listen there
 */
export async function logInAtKeycloak(authorizationUrl: URL, user: string, cookies = new CookieJar()): Promise<URL> {
  const redirectUri = authorizationUrl.searchParams.get('redirect_uri') ?? '';
  let url = authorizationUrl;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const response = await fetch(url, { method: form ? 'POST' : 'GET', headers: { cookie: cookies.headerFor(url) }, redirect: 'manual', ...(form ? { body: form } : {}) });
    cookies.store(url, response);
    const location = response.headers.get('location');
    const html = await response.text();
    if (location !== null) {
      url = new URL(location, url);
      if (url.href.startsWith(`${redirectUri}?`)) return url;
      form = undefined;
      continue;
    }
    const action = /<form id="kc-form-login"[^>]* action="([^"]+)"/.exec(html)?.[1];
    if (action === undefined || form) throw new Error(`Keycloak answered ${response.status} and let ${user} not in: ${textOf(html)}`);
    form = new URLSearchParams({ username: user, password: passwordOf(user), credentialId: '' });
    url = new URL(action.replaceAll('&amp;', '&'));
  }
  throw new Error('the login does not end');
}

const textOf = (html: string): string => html.replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>|<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ').slice(0, 500);

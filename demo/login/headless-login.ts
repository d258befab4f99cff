import { CookieJar } from './cookie-jar.js';
import type { PageForm } from './page-form.js';
import { walk } from './walk.js';

/** Who goes through the pages, and what they answer. */
export interface HeadlessPerson {
  readonly user: string;
  /** The demo's passwords are the user names. */
  readonly password?: string;
  readonly decision?: 'allow' | 'deny';
  /** A browser's memory: pass the same jar again to come back as a signed-in user. */
  readonly cookies?: CookieJar;
}

export interface HeadlessLogin extends HeadlessPerson {
  readonly authorizationUrl: URL;
}

/**
 * Does in place of a browser what a person does: opens the authorization URL, fills the login form, allows, and
 * follows every redirect. Answers the callback URL with its `code` (or its `error`); nobody needs to listen there.
 */
export async function loginHeadless(login: HeadlessLogin): Promise<URL> {
  const redirectUri = login.authorizationUrl.searchParams.get('redirect_uri');
  if (!redirectUri) throw new Error('the authorization URL has no redirect_uri');
  const isCallback = (url: URL): boolean => url.href === redirectUri || url.href.startsWith(`${redirectUri}?`);
  const { url, page } = await walk(login.authorizationUrl, { stopsAt: isCallback, fillIn: createAnswers(login) }, login.cookies ?? new CookieJar());
  if (page) throw new Error(`${url.origin}${url.pathname} answered ${page.status} and no form`);
  return url;
}

/** What the person types into the login and consent forms; a password that is refused is not typed again. */
export function createAnswers({ user, password = user, decision = 'allow' }: HeadlessPerson): (form: PageForm) => Record<string, string> {
  let hasTriedPassword = false;
  return ({ action, fields }) => {
    if (fields.includes('decision')) return { decision };
    if (!fields.includes('password')) throw new Error(`the form at ${action} is neither a login nor a consent`);
    if (hasTriedPassword) throw new Error(`the authorization server refused the login of ${user}`);
    hasTriedPassword = true;
    return { user, password };
  };
}

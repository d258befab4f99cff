import { CookieJar } from './cookie-jar.js';
import { type PageForm, readForm } from './page-form.js';

export interface HeadlessLogin {
  readonly authorizationUrl: URL;
  readonly user: string;
  /** The demo's passwords are the user names. */
  readonly password?: string;
  readonly decision?: 'allow' | 'deny';
  /** A browser's memory: pass the same jar again to come back as a signed-in user. */
  readonly cookies?: CookieJar;
}

const maxSteps = 15;
const stepMs = 10_000;

/**
 * Does in place of a browser what a person does: opens the authorization URL, fills the login form, allows, and
 * follows every redirect. Answers the callback URL with its `code` (or its `error`); nobody needs to listen there.
 */
export async function loginHeadless(login: HeadlessLogin): Promise<URL> {
  const redirectUri = login.authorizationUrl.searchParams.get('redirect_uri');
  if (!redirectUri) throw new Error('the authorization URL has no redirect_uri');
  const cookies = login.cookies ?? new CookieJar();
  const isCallback = (url: URL): boolean => url.href === redirectUri || url.href.startsWith(`${redirectUri}?`);
  let url = login.authorizationUrl;
  let form: URLSearchParams | undefined;
  let hasTriedPassword = false;
  for (let step = 0; step < maxSteps; step += 1) {
    const response = await request(url, form, cookies);
    const location = response.headers.get('location');
    if (location) {
      await response.body?.cancel();
      url = new URL(location, url);
      form = undefined;
      if (isCallback(url)) return url;
      continue;
    }
    const page = readForm(await response.text());
    if (!page) throw new Error(`${url.origin}${url.pathname} answered ${response.status} and no form`);
    if (page.fields.includes('password')) {
      if (hasTriedPassword) throw new Error(`the authorization server refused the login of ${login.user}`);
      hasTriedPassword = true;
    }
    form = fillIn(page, login);
    url = new URL(page.action, url);
  }
  throw new Error(`the login did not end after ${maxSteps} steps`);
}

async function request(url: URL, form: URLSearchParams | undefined, cookies: CookieJar): Promise<Response> {
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers: { cookie: cookies.headerFor(url) },
    redirect: 'manual',
    signal: AbortSignal.timeout(stepMs),
    ...(form ? { body: form } : {}),
  });
  cookies.store(url, response);
  return response;
}

function fillIn(page: PageForm, login: HeadlessLogin): URLSearchParams {
  if (page.fields.includes('password')) return new URLSearchParams({ user: login.user, password: login.password ?? login.user });
  if (page.fields.includes('decision')) return new URLSearchParams({ decision: login.decision ?? 'allow' });
  throw new Error(`the form at ${page.action} is neither a login nor a consent`);
}

import { CookieJar } from '../../demo/login/cookie-jar.js';

/** What a browser shows after it followed every redirect. */
export interface ShownPage {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where the page goes on to by itself. */
  readonly next: URL | undefined;
}

interface Visit {
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers are shown as they are, redirects too. */
  readonly stay?: boolean;
}

const MOST_STEPS = 10;

/** A browser without a screen: cookies, redirects, forms with their Origin, and no script. */
export class TestBrowser {
  readonly cookies = new CookieJar();
  /** `Set-Cookie` lines, in the order in which they came. */
  readonly setCookies: string[] = [];
  readonly visited: URL[] = [];

  constructor(readonly origin: string) {}

  async open(target: string | URL, { form, headers = {}, stay = false }: Visit = {}): Promise<ShownPage> {
    let url = new URL(target, this.origin);
    let body = form && new URLSearchParams(form);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      this.visited.push(url);
      const own = body ? { origin: this.origin, 'sec-fetch-site': 'same-origin' } : {};
      const sent = Object.fromEntries(Object.entries({ cookie: this.cookies.headerFor(url), ...own, ...headers }).filter(([, value]) => value !== ''));
      const response = await fetch(url, { method: body ? 'POST' : 'GET', redirect: 'manual', headers: sent, ...(body ? { body } : {}) });
      this.cookies.store(url, response);
      this.setCookies.push(...response.headers.getSetCookie());
      const location = response.headers.get('location');
      const html = await response.text();
      if (location === null || stay) return { url, status: response.status, headers: response.headers, html, next: readRefresh(html) };
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error(`more than ${MOST_STEPS} redirects`);
  }

  /** Sends the form of a page that has this action, with what it holds already. */
  async submit(page: ShownPage, action: string, fields: Readonly<Record<string, string>> = {}, visit: Visit = {}): Promise<ShownPage> {
    return this.open(action, { ...visit, form: { csrf: readCsrf(page, action), ...fields } });
  }
}

/** @throws when the page has no such form */
export function readCsrf({ html }: ShownPage, action: string): string {
  const [, csrf] = html.split(`<form method="post" action="${action}">`)[1]?.match(/^<input type="hidden" name="csrf" value="([\w-]+)">/) ?? [];
  if (csrf === undefined) throw new Error(`the page has no form for ${action}:\n${html}`);
  return csrf;
}

function readRefresh(html: string): URL | undefined {
  const [, next] = /<meta http-equiv="refresh" content="0; url=([^"]+)">/.exec(html) ?? [];
  return next === undefined ? undefined : new URL(next.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))));
}

import type { CookieJar } from './cookie-jar.js';
import { type PageForm, readForm } from './page-form.js';

/** What a person decides on the way through the pages. */
export interface Person {
  /** Asked before a redirect is followed. */
  stopsAt(url: URL): boolean;
  /** @throws Error for a form that is none of theirs */
  fillIn(form: PageForm): Record<string, string>;
}

/** Where the way ended: before a URL that the person stops at, or on a page that asks for nothing more. */
export interface Arrival {
  readonly url: URL;
  readonly page: { readonly status: number; readonly html: string } | undefined;
}

const maxSteps = 15;
const stepMs = 10_000;

/** Does in place of a browser what a person does with the demo's pages: follows redirects, fills forms in, sends them. */
export async function walk(start: URL, person: Person, cookies: CookieJar): Promise<Arrival> {
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < maxSteps; step += 1) {
    const response = await request(url, form, cookies);
    const location = response.headers.get('location');
    if (location) {
      await response.body?.cancel();
      url = new URL(location, url);
      form = undefined;
      if (person.stopsAt(url)) return { url, page: undefined };
      continue;
    }
    const html = await response.text();
    const page = readForm(html);
    if (!page) return { url, page: { status: response.status, html } };
    form = new URLSearchParams({ ...page.filled, ...person.fillIn(page) });
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

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readCsrf, type ShownPage, type TestBrowser } from '../tools/browser.js';
import { startPages, type TestPages } from '../tools/pages.js';

const FRIEND = 'https://inspector.example';
let pages: TestPages;
let victim: TestBrowser;
let page: ShownPage;
/** Somebody new for each test: the limits are a person's own. */
let sub = 'alice-0';

beforeAll(async () => {
  pages = await startPages((settings) => {
    settings['allowedOrigins'] = [FRIEND];
  });
  pages.ignoreAddress();
});
afterAll(() => pages.stop());
beforeEach(async () => {
  sub = `alice-${Number(sub.slice('alice-'.length)) + 1}`;
  const visit = await pages.signIn({ sub });
  victim = visit.browser;
  const form = await victim.open('/connections/to/weather');
  page = await victim.submit(form, '/connections/to/weather/secret', { secret: 'my own key' });
});

const token = () => readCsrf(page, '/connections/sign-out');
const keyInUse = async () => {
  await pages.gateway.call(await pages.gateway.token({ sub }), 'weather_getItem', { id: '1' });
  return pages.gateway.upstream.last.headers['x-key'];
};
/** A form to each route that changes something; the victim's cookies go along. */
const routes: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['/connections/to/weather/secret', { secret: 'the key of an attacker' }],
  ['/connections/to/weather/disconnect', {}],
  ['/connections/to/tracker/connect', {}],
  ['/connections/sign-out', {}],
];

async function expectNothingChanged(): Promise<void> {
  expect(await keyInUse()).toBe('my own key');
  expect((await victim.open('/connections')).status).toBe(200);
}

describe('a form of another site, sent with the cookies of a signed-in person', () => {
  describe.each(routes)('to %s', (path, fields) => {
    it.each<[string, Record<string, string>]>([
      ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
      ['no origin that it names', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['an origin that may call /mcp', { origin: FRIEND, 'sec-fetch-site': 'cross-site' }],
      ['a sister site', { origin: '', 'sec-fetch-site': 'same-site' }],
      ['somebody who says nothing of it', { origin: '', 'sec-fetch-site': '' }],
    ])('is refused from %s, even with the right token', async (_, headers) => {
      const answer = await victim.open(path, { form: { ...fields, csrf: token() }, headers, stay: true });
      expect(answer.status).toBe(403);
      await expectNothingChanged();
    });

    it('is refused without the token, with none, and with that of another session', async () => {
      const other = await pages.signIn({ sub: 'mallory' });
      for (const csrf of [undefined, '', 'x', readCsrf(other.page, '/connections/sign-out')]) {
        const answer = await victim.open(path, { form: { ...fields, ...(csrf === undefined ? {} : { csrf }) }, stay: true });
        expect([answer.status, answer.html.includes('Not accepted')]).toEqual([403, true]);
      }
      await expectNothingChanged();
    });

    it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x'])('is refused as %s', async (type) => {
      const csrf = token();
      const cookie = victim.cookies.headerFor(new URL('/connections', pages.gateway.url));
      const body = type === 'application/json' ? JSON.stringify({ ...fields, csrf }) : new URLSearchParams({ ...fields, csrf }).toString();
      const answer = await fetch(pages.gateway.url + path, { method: 'POST', headers: { cookie, origin: pages.gateway.url, 'sec-fetch-site': 'same-origin', 'content-type': type }, body });
      expect(answer.status).toBe(415);
      await expectNothingChanged();
    });

    it('is no link either', async () => {
      expect((await victim.open(`${path}?${new URLSearchParams({ ...fields, csrf: token() }).toString()}`, { stay: true })).status).toBe(404);
      await expectNothingChanged();
    });
  });

  it('is refused when it is large, and taken when it is the person\'s own', async () => {
    expect((await victim.open('/connections/to/weather/secret', { form: { csrf: token(), secret: 'x'.repeat(17_000) } })).status).toBe(413);
    await expectNothingChanged();
    await victim.submit(await victim.open('/connections/to/weather'), '/connections/to/weather/secret', { secret: 'a new key' });
    expect(await keyInUse()).toBe('a new key');
  });
});

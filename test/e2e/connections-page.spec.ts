import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../src/errors/gateway.error.js';
import { readCsrf } from '../tools/browser.js';
import { startGateway } from '../tools/gateway.js';
import { HOSTILE_NAME, PAGES_SECRET, startPages, type TestPages } from '../tools/pages.js';

let pages: TestPages;

beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages.stop());

describe('the page of connections', () => {
  it('signs people in at the tenant\'s provider, with PKCE, for this gateway, and shows what they can connect', async () => {
    const { browser, page } = await pages.signIn();
    expect(page.status).toBe(200);
    expect(page.url.href).toBe(`${pages.gateway.url}/connections`);
    for (const text of ['My connections', 'Alice', 'Issue tracker', 'issues', 'Not connected', 'Weather &#38; &#34;wind&#34;']) expect(page.html).toContain(text);
    const [authorize] = browser.visited.filter(({ pathname }) => pathname === '/authorize');
    expect(Object.fromEntries(authorize!.searchParams)).toMatchObject({ response_type: 'code', client_id: 'pages', scope: 'openid items:read', code_challenge_method: 'S256', resource: `${pages.gateway.url}/mcp`, nonce: expect.stringMatching(/^[\w-]{22}$/), redirect_uri: `${pages.gateway.url}/connections/signed-in` });
    const asked = pages.gateway.issuer.requests.findLast(({ path }) => path === '/token');
    expect(Object.fromEntries(new URLSearchParams(asked!.body))).toMatchObject({ grant_type: 'authorization_code', resource: `${pages.gateway.url}/mcp`, code_verifier: expect.stringMatching(/^[\w-]{43}$/) });
    expect(Buffer.from(asked!.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString()).toBe(`pages:${PAGES_SECRET.replaceAll('-', '%2D')}`);
  });

  it('keeps the browser from doing anything that it need not do', async () => {
    const { page, browser } = await pages.signIn();
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(page.html).not.toMatch(/<script|<style|style="|\son\w+=/);
    const cookies = browser.setCookies.filter((line) => !line.includes('=;'));
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/^gatehouse_(?:session|sign_in)=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    expect(cookies.join()).not.toContain('Alice');
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(page.html) ?? [];
    const sheet = await browser.open(style);
    expect([sheet.status, sheet.headers.get('content-type'), sheet.headers.get('cache-control')]).toEqual([200, 'text/css; charset=utf-8', 'public, max-age=31536000, immutable']);
  });

  it('connects an account, shows its scopes, and disconnects it, each with its intent and outcome on record', async () => {
    const { browser, page } = await pages.signIn({ sub: 'carol' });
    const onTheWay = await browser.submit(page, '/connections/to/tracker/connect');
    expect([onTheWay.status, onTheWay.next?.origin]).toEqual([200, pages.accounts.url]);
    expect(onTheWay.html).toContain(`Go on to ${pages.accounts.host}`);
    const connected = await browser.open(onTheWay.next!);
    expect(connected.url.href).toBe(`${pages.gateway.url}/connections?done=connected&name=tracker`);
    for (const text of ['Issue tracker is connected.', 'items:read, items:write', 'Last use', 'never', 'Connect again']) expect(connected.html).toContain(text);
    const disconnected = await browser.submit(connected, '/connections/to/tracker/disconnect');
    expect(disconnected.html).toContain('Issue tracker is disconnected, and its server has confirmed');
    const records = (await pages.audit()) as { subject: string; kind: string; tool: string; api: string | null; result: string | null; callId: string }[];
    expect(records.filter(({ subject }) => subject === 'carol').map(({ kind, tool, api, result }) => [kind, tool, api, result])).toEqual([
      ['intent', 'connections.connect', 'tracker', null],
      ['outcome', 'connections.connect', 'tracker', 'success'],
      ['intent', 'connections.disconnect', 'tracker', null],
      ['outcome', 'connections.disconnect', 'tracker', 'success'],
    ]);
  });

  it('saves a key and never shows it, in a page or in the trail', async () => {
    const { browser } = await pages.signIn({ sub: 'dora' });
    const form = await browser.open('/connections/to/weather');
    expect(form.html).toContain('You find it at https://weather.example/keys.');
    expect(form.html).not.toContain('name="username"');
    const refused = await browser.submit(form, '/connections/to/weather/secret', { secret: 'key-4f é' });
    expect([refused.status, refused.html.includes('The key has spaces around it')]).toEqual([400, true]);
    const saved = await browser.submit(form, '/connections/to/weather/secret', { secret: 'key-4f&<' });
    expect(saved.html).toContain('is saved');
    await pages.gateway.call(await pages.gateway.token({ sub: 'dora' }), 'weather_getItem', { id: 'x' });
    expect(pages.gateway.upstream.last.headers['x-key']).toBe('key-4f&<');
    expect(refused.html + saved.html + (await browser.open('/connections/to/weather')).html + JSON.stringify(await pages.audit())).not.toContain('key-4f');
  });

  it.each([
    ['a state that is none', 400, 'That attempt is over', (next: URL) => next.searchParams.set('state', 'x')],
    ['a refusal, whose words are markup', 400, 'Not connected', (next: URL) => next.searchParams.set('error', '<b>no</b>')],
    ['a server that is away', 503, 'Not reachable now', () => void pages.accounts.fixed.set('/token', { status: 503, body: '' })],
  ])('says what to do when the answer is of no use: %s', async (_, status, title, spoil) => {
    const { browser, page: list } = await pages.signIn({ sub: 'emil' });
    const { next } = await browser.submit(list, '/connections/to/tracker/connect');
    const answer = await browser.open(next!, { stay: true });
    const back = new URL(answer.headers.get('location') ?? '');
    spoil(back);
    const page = await browser.open(back);
    pages.accounts.fixed.clear();
    expect(page.status).toBe(status);
    expect(page.html).toContain(`<h1>${title}</h1>`);
    expect(page.html).not.toContain('<b>');
    expect((await pages.audit()).at(-1)).toMatchObject({ tool: 'connections.connect', kind: 'outcome', result: status < 500 ? 'failure' : 'unknown' });
  });

  it('escapes a name that is markup', async () => {
    const { page } = await pages.signIn({ name: HOSTILE_NAME });
    expect(page.html).toContain('&#34;&#62;&#60;script&#62;');
    expect(page.html).not.toContain('<script>');
  });

  it('shows nothing of another tenant, and has no connection of a made-up name', async () => {
    const carol = await pages.signIn({ sub: 'carol' });
    const bob = await pages.signIn({ sub: 'carol', tenant: 'globex' });
    const { next } = await carol.browser.submit(carol.page, '/connections/to/tracker/connect');
    expect((await carol.browser.open(next!)).html).toContain('class="state connected"');
    expect((await bob.browser.open('/connections')).html).not.toContain('class="state connected"');
    for (const path of ['/connections/to/nothing', '/connections/to/TRACKER', '/connections/to/tracker%2f..']) expect((await bob.browser.open(path)).status).toBe(404);
  });

  it('says so to somebody without a tenant, with 403, and signs nobody in', async () => {
    const { browser, page } = await pages.signIn({ tenant: 'nowhere' });
    expect(page.status).toBe(403);
    expect(page.html).toContain('No tenant of this gateway is yours.');
    expect(browser.setCookies.some((line) => /^gatehouse_session=[^;]/.test(line))).toBe(false);
  });

  it('shows what the provider objects to, and does not go there again by itself', async () => {
    const { browser } = await pages.signIn();
    pages.gateway.issuer.signIn.person = undefined;
    const fresh = pages.browser();
    const page = await fresh.open('/connections');
    expect([page.status, page.url.pathname]).toEqual([400, '/connections/signed-in']);
    expect(page.html).toContain('Your identity provider did not sign you in (access_denied).');
    expect((await browser.open('/connections')).status).toBe(200);
  });

  it('signs out', async () => {
    const { browser, page } = await pages.signIn();
    expect((await browser.submit(page, '/connections/sign-out')).html).toContain('You are signed out');
    expect((await browser.open('/connections', { stay: true })).headers.get('location')).toContain(`${pages.gateway.issuer.url}/authorize`);
    const late = await browser.open('/connections/to/tracker/connect', { form: { csrf: readCsrf(page, '/connections/sign-out') } });
    expect([late.status, late.html.includes('<h1>Signed out</h1>')]).toEqual([401, true]);
  });

  it('takes no bearer token for a session', async () => {
    const response = await fetch(`${pages.gateway.url}/connections`, { redirect: 'manual', headers: { authorization: `Bearer ${await pages.gateway.token()}` } });
    expect(response.status).toBe(303);
  });

  it('leads from the tenant\'s own address to its providers, and knows no other tenant', async () => {
    pages.gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme' };
    const page = await pages.browser().open('/t/acme/connections');
    expect([page.status, page.url.pathname]).toEqual([200, '/connections']);
    expect((await pages.browser().open('/t/nobody/connections')).status).toBe(404);
  });

  it('changes nothing that cannot be recorded', async () => {
    const { browser, page } = await pages.signIn({ sub: 'frida' });
    const { AuditWriter } = await import('../../src/audit/audit.writer.js');
    const writer = pages.gateway.app.get(AuditWriter);
    const intent = writer.intent.bind(writer);
    writer.intent = async () => {
      throw new GatewayError({ code: 'audit_unavailable', status: 503 }, 'The call was not made: it cannot be recorded now');
    };
    const form = await browser.open('/connections/to/weather');
    const refused = await browser.submit(form, '/connections/to/weather/secret', { secret: 'x' });
    writer.intent = intent;
    expect([page.status, refused.status]).toEqual([200, 503]);
    expect((await browser.open('/connections')).html).not.toContain('class="state connected"');
  });

  it('bounds what one person changes in a minute, on record', async () => {
    const { browser, page } = await pages.signIn({ sub: 'greta' });
    const statuses = new Set<number>();
    for (let count = 0; count < 61; count += 1) statuses.add((await browser.submit(page, '/connections/to/tracker/connect')).status);
    expect([...statuses]).toEqual([200, 429]);
    expect((await pages.audit()).at(-1)).toMatchObject({ subject: 'greta', kind: 'refused', decision: 'rate_limited' });
  });
});

describe('two providers', () => {
  it('are offered to choose from, and the link leads on to the page that was wanted', async () => {
    await pages.gateway.apply((settings) => {
      const providers = settings['providers'] as Record<string, object>;
      providers['other'] = { ...providers['corp'], issuer: 'https://other.example' };
      (settings['tenants'] as Record<string, { rules: object[] }>)['acme']!.rules.push({ provider: 'other' });
    });
    const browser = pages.browser();
    pages.gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme' };
    let page = await browser.open('/connections/to/weather');
    for (let waited = 0; page.url.pathname !== '/connections/to/weather' || !page.html.includes('Sign in with other'); waited += 100) {
      expect(waited).toBeLessThan(10_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      page = await pages.browser().open('/connections/to/weather');
    }
    const [, link = ''] = /href="(\/connections\/sign-in\/corp[^"]*)"/.exec(page.html) ?? [];
    expect((await browser.open(link.replaceAll('&#38;', '&'))).url.pathname).toBe('/connections/to/weather');
    expect((await pages.browser().open('/connections?tenant=globex', { stay: true })).status).toBe(303);
    expect((await pages.browser().open('/connections/sign-in/nobody')).status).toBe(404);
  });
});

describe('a gateway without a vault', () => {
  it('has no pages', async () => {
    const gateway = await startGateway();
    try {
      for (const path of ['/connections', '/connections/to/x', '/connections/signed-in', '/connections/callback/x']) {
        const response = await fetch(gateway.url + path, { redirect: 'manual' });
        expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
      }
    } finally {
      await gateway.stop();
    }
  });
});

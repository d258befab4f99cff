import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EncryptJWT } from 'jose';
import { DataSource } from 'typeorm';
import { addRevocation } from '../../src/auth/revocations/revocation.store.js';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { deriveKeys } from '../../src/credentials/vault/connect-links.js';
import { SESSION_PURPOSE } from '../../src/web/session/browser-sessions.js';
import { readCsrf, type TestBrowser } from '../tools/browser.js';
import { startPages, type TestPages } from '../tools/pages.js';

let pages: TestPages;

beforeAll(async () => {
  pages = await startPages();
  pages.ignoreAddress();
});
afterAll(() => pages.stop());
afterEach(() => {
  pages.gateway.issuer.signInClaims = {};
});

const now = () => Math.floor(Date.now() / 1_000);
const valueOf = (browser: TestBrowser, name: string) => browser.setCookies.flatMap((line) => new RegExp(`^gatehouse_${name}=([^;]+)`).exec(line)?.[1] ?? []).at(-1) ?? '';
/** Whether these cookies are a session. */
const isSession = async (cookie: string) => {
  const response = await fetch(`${pages.gateway.url}/connections`, { redirect: 'manual', headers: { cookie } });
  await response.body?.cancel();
  return response.status === 200;
};

async function seal(key: Uint8Array, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const session = { provider: 'corp', issuer: pages.gateway.issuer.url, subject: 'alice', tenant: 'acme', expiresAt: now() + 600, id: 'x', csrf: 'x', aud: pages.gateway.url, exp: now() + 600, issuedAt: now(), ...claims };
  return new EncryptJWT(session).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
}
const ownKey = (purpose = SESSION_PURPOSE) => deriveKeys(pages.gateway.app.get(LiveConfiguration).current, purpose)[0]!;

describe('a session cookie', () => {
  it('is taken as it was sealed, and in no other form', async () => {
    const { browser } = await pages.signIn();
    const cookie = valueOf(browser, 'session');
    expect(await isSession(`gatehouse_session=${cookie}`)).toBe(true);
    for (const at of [1, cookie.length >> 1, cookie.length - 3]) {
      const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
      expect(await isSession(`gatehouse_session=${changed}`)).toBe(false);
    }
    expect(await isSession(`gatehouse_session=${cookie}; gatehouse_session=${cookie}`)).toBe(false);
    expect(await isSession(`__Host-gatehouse_session=${cookie}`)).toBe(false);
  });

  it.each<[string, () => Promise<string>]>([
    ['with a key of the attacker\'s own', () => seal(randomBytes(32))],
    ['with our key for another purpose', () => seal(ownKey('gatehouse browser sign-in'))],
    ['with our key for links', () => seal(ownKey('gatehouse connect link'))],
    ['and has ended', () => seal(ownKey(), { exp: now() - 1 })],
    ['and never ends', () => seal(ownKey(), { exp: undefined })],
    ['for another public URL', () => seal(ownKey(), { aud: 'https://other.example' })],
    ['without what a session has', () => seal(ownKey(), { csrf: undefined })],
    ['for a provider that is none', () => seal(ownKey(), { provider: 'gone' })],
    ['for a tenant that is none', () => seal(ownKey(), { tenant: 'constructor' })],
    ['as nothing', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"subject":"alice"}').toString('base64url')}.`],
  ])('is refused that was sealed %s', async (_, make) => {
    expect(await isSession(`gatehouse_session=${await seal(ownKey())}`)).toBe(true);
    expect(await isSession(`gatehouse_session=${await make()}`)).toBe(false);
  });

  it('is new at each sign-in, whatever the browser brought along: nobody\'s planted session becomes another\'s', async () => {
    const mallory = await pages.signIn({ sub: 'mallory', name: 'Mallory' });
    const planted = valueOf(mallory.browser, 'session');
    const victim = pages.browser();
    pages.gateway.issuer.signIn.person = { sub: 'alice', name: 'Alice', tenant: 'acme' };
    const cookie = `gatehouse_session=${planted}`;
    const leaving = await victim.open('/connections/sign-in/corp', { headers: { cookie }, stay: true });
    const back = await victim.open(leaving.headers.get('location') ?? '', { stay: true });
    await victim.open(back.headers.get('location') ?? '', { headers: { cookie: `${cookie}; ${victim.cookies.headerFor(new URL('/connections', pages.gateway.url))}` }, stay: true });
    const page = await victim.open('/connections');
    expect(page.html).toContain('Alice');
    expect(valueOf(victim, 'session')).not.toBe(planted);
    expect(readCsrf(page, '/connections/sign-out')).not.toBe(readCsrf(mallory.page, '/connections/sign-out'));
  });

  it('lives no longer than half an hour, and no longer than the token that made it', async () => {
    const maxAge = (browser: TestBrowser) => Number(/^gatehouse_session=[^;]+;.* Max-Age=(\d+)/.exec(browser.setCookies.findLast((line) => line.startsWith('gatehouse_session=')) ?? '')?.[1]);
    pages.gateway.issuer.signInClaims = { exp: now() + 7_200 };
    expect(maxAge((await pages.signIn()).browser)).toBeLessThanOrEqual(1_800);
    pages.gateway.issuer.signInClaims = { exp: now() + 90 };
    expect(maxAge((await pages.signIn()).browser)).toBeLessThanOrEqual(90);
    pages.gateway.issuer.signInClaims = { exp: now() + 5 };
    expect((await pages.signIn()).page.status).toBe(403);
  });

  it('ends within five seconds when an administrator revokes its user, and when the tenant is suspended', async () => {
    const revoked = await pages.signIn({ sub: 'rita' });
    const other = await pages.signIn({ sub: 'olga' });
    await addRevocation(pages.gateway.app.get(DataSource), { kind: 'subject', provider: 'corp', value: 'rita', reason: 'a test', expiresAt: new Date(Date.now() + 60_000) });
    const statusWithin = async (browser: TestBrowser, wanted: number) => {
      const until = Date.now() + 5_000;
      let status = 0;
      while (status !== wanted && Date.now() < until) {
        ({ status } = await browser.open('/connections', { stay: true }));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return status;
    };
    expect(await statusWithin(revoked.browser, 303)).toBe(303);
    const late = await revoked.browser.submit(revoked.page, '/connections/to/tracker/connect');
    expect(late.status).toBe(401);
    expect((await other.browser.open('/connections')).status).toBe(200);
    const setState = (state: string) => pages.gateway.apply((settings) => {
      (settings['tenants'] as Record<string, Record<string, unknown>>)['acme']!['state'] = state;
    });
    await setState('suspended');
    expect(await statusWithin(other.browser, 403)).toBe(403);
    await setState('active');
    expect(await statusWithin(other.browser, 200)).toBe(200);
  }, 30_000);
});

/** Somebody on the way back from the provider, before the gateway sees the answer. */
async function onTheWayBack(person: Readonly<Record<string, unknown>> = {}) {
  pages.gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme', ...person };
  const browser = pages.browser();
  const leaving = await browser.open('/connections', { stay: true });
  const answer = await browser.open(leaving.headers.get('location') ?? '', { stay: true });
  return { browser, back: new URL(answer.headers.get('location') ?? '') };
}

describe('the answer of an identity provider', () => {
  it('is good once, even for a browser that keeps what it should forget', async () => {
    const { browser, back } = await onTheWayBack();
    const cookie = browser.cookies.headerFor(back);
    expect((await browser.open(back, { stay: true })).status).toBe(303);
    expect((await browser.open(back)).status).toBe(400);
    const replayed = await browser.open(back, { headers: { cookie }, stay: true });
    expect([replayed.status, replayed.html.includes('(invalid_grant)')]).toEqual([400, true]);
  });

  it('is of no use in another browser: nobody is signed in as somebody else by a link', async () => {
    const { back } = await onTheWayBack({ sub: 'mallory' });
    const victim = pages.browser();
    expect((await victim.open(back)).status).toBe(400);
    const other = await onTheWayBack();
    expect((await other.browser.open(back)).status).toBe(400);
    expect(valueOf(victim, 'session') + valueOf(other.browser, 'session')).toBe('');
  });

  it('is refused with a code of another sign-in, or from another issuer, or twice the same parameter', async () => {
    const mallory = await onTheWayBack({ sub: 'mallory' });
    const spoils: readonly ((back: URL) => void)[] = [
      (back) => back.searchParams.set('code', mallory.back.searchParams.get('code') ?? ''),
      (back) => back.searchParams.set('iss', 'https://evil.example'),
      (back) => back.searchParams.delete('iss'),
      (back) => back.searchParams.append('code', 'another'),
      (back) => back.searchParams.set('state', ''),
    ];
    for (const spoil of spoils) {
      const { browser, back } = await onTheWayBack();
      spoil(back);
      expect((await browser.open(back, { stay: true })).status).toBe(400);
      expect(valueOf(browser, 'session')).toBe('');
    }
  });

  it.each<[string, Record<string, unknown>]>([
    ['whose token is for another service', { aud: 'https://other.example/mcp' }],
    ['whose token is an ID token', { nonce: 'x' }],
    ['whose token has ended', { exp: now() - 120 }],
    ['whose token is of another issuer', { iss: 'https://evil.example' }],
    ['whose token is bound to a key', { cnf: { jkt: 'x' } }],
  ])('is refused %s', async (_, claims) => {
    const { browser, back } = await onTheWayBack();
    pages.gateway.issuer.signInClaims = claims;
    const page = await browser.open(back, { stay: true });
    expect([400, 403]).toContain(page.status);
    expect(valueOf(browser, 'session')).toBe('');
  });

  it('leads to our own pages only', async () => {
    pages.gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme' };
    const hostile = ['https://evil.example', '//evil.example', '/\\evil.example', '..%2f..', 'javascript:alert(1)', '\r\nlocation: https://evil.example'];
    for (const value of hostile) {
      for (const name of ['connection', 'for', 'tenant', 'return', 'returnTo', 'next', 'redirect_uri']) {
        const page = await pages.browser().open(`/connections/sign-in/corp?${new URLSearchParams({ [name]: value }).toString()}`);
        expect([200, 404]).toContain(page.status);
        expect(page.url.origin).toBe(pages.gateway.url);
        expect(page.url.pathname).toMatch(/^\/connections(?:\/sign-in\/corp)?$/);
      }
    }
  }, 60_000);
});

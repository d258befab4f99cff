import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CookieJar } from './cookie-jar.js';
import { loginHeadless } from './headless-login.js';

let server: Server;
let origin: string;

/** Answers whatever the test set for the path. */
const answers = new Map<string, { status: number; headers: Record<string, string | string[]>; body: string }>();
const seenCookies = new Map<string, string>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    seenCookies.set(pathname, request.headers.cookie ?? '');
    const answer = answers.get(pathname);
    response.writeHead(answer?.status ?? 404, answer?.headers ?? {}).end(answer?.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const redirect = (location: string, cookies: string[] = []) => ({ status: 303, headers: { location, 'set-cookie': cookies }, body: '' });
const authorizationUrl = () => new URL(`${origin}/authorize?redirect_uri=${encodeURIComponent('http://127.0.0.1:1/callback')}`);

describe('the headless login', () => {
  it('follows redirects with the cookies of each path, and stops before the callback', async () => {
    answers.set('/authorize', redirect('/next/step', ['a=1; path=/next', 'b=2; path=/other', 'c=3']));
    answers.set('/next/step', redirect('http://127.0.0.1:1/callback?code=xyz&iss=y'));
    const callback = await loginHeadless({ authorizationUrl: authorizationUrl(), user: 'alice' });
    expect(callback.href).toBe('http://127.0.0.1:1/callback?code=xyz&iss=y');
    expect(seenCookies.get('/next/step')).toBe('a=1; c=3');
  });

  it.each(['expires=Thu, 01 Jan 1970 00:00:00 GMT', 'Max-Age=0'])('forgets a cookie that ended with %s', async (end) => {
    const cookies = new CookieJar();
    answers.set('/authorize', redirect('/clear', ['a=1']));
    answers.set('/clear', redirect('/end', [`a=; path=/; ${end}`]));
    answers.set('/end', redirect('http://127.0.0.1:1/callback?code=1'));
    await loginHeadless({ authorizationUrl: authorizationUrl(), user: 'alice', cookies });
    expect(seenCookies.get('/clear')).toBe('a=1');
    expect(seenCookies.get('/end')).toBe('');
  });

  it('takes no look-alike of the callback for it', async () => {
    answers.set('/authorize', redirect('/callback-page'));
    answers.set('/callback-page', { status: 200, headers: {}, body: 'no form' });
    await expect(loginHeadless({ authorizationUrl: authorizationUrl(), user: 'alice' })).rejects.toThrow('answered 200 and no form');
  });

  it('ends a loop of redirects', async () => {
    answers.set('/authorize', redirect('/authorize'));
    await expect(loginHeadless({ authorizationUrl: authorizationUrl(), user: 'alice' })).rejects.toThrow('did not end after 15 steps');
  });
});

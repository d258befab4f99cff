import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EncryptJWT } from 'jose';
import { DataSource } from 'typeorm';
import { SecurityEvents } from '../../src/audit/security-events.js';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { deriveKeys } from '../../src/credentials/vault/connect-links.js';
import { startPages, type TestPages } from '../tools/pages.js';

let pages: TestPages;

beforeAll(async () => {
  pages = await startPages();
});
afterAll(() => pages.stop());

/** What a tool tells its caller to open. */
async function linkOf(subject: string, tenant = 'acme'): Promise<string> {
  const answer = await pages.gateway.call(await pages.gateway.token({ sub: subject, tenant }), 'issues_getItem', { id: '1' });
  const [link] = /http:\S+\/connections\/to\/tracker\?for=[\w.-]+/.exec(answer.result?.content?.[0]?.text ?? '') ?? [];
  if (link === undefined) throw new Error(`no link in ${JSON.stringify(answer)}`);
  return link;
}

const asked = () => pages.accounts.fetches.get('/authorize') ?? 0;
const mayCall = async (subject: string) => (await pages.gateway.call(await pages.gateway.token({ sub: subject }), 'issues_getItem', { id: '1' })).result?.isError !== true;

/** Consent phishing: mallory wants alice to connect her account for him. */
describe('a link that was made for another user', () => {
  it('connects nothing for whoever is signed in, and is on record and counted', async () => {
    const link = await linkOf('mallory');
    const { browser } = await pages.signIn({ sub: 'alice' });
    const before = asked();
    const page = await browser.open(link);
    expect(page.status).toBe(403);
    expect(page.html).toContain('This link was made for somebody else, so nothing was connected.');
    expect(page.html).not.toContain('mallory');
    expect(page.html).not.toContain('/connect"');
    expect(asked()).toBe(before);
    expect((await pages.audit()).at(-1)).toMatchObject({ subject: 'alice', kind: 'refused', tool: 'connections.connect', api: 'tracker', decision: 'connect_link_of_another_user' });
    await pages.gateway.app.get(SecurityEvents).flush();
    const events: unknown = await pages.gateway.app.get(DataSource).query("SELECT reason, provider FROM gatehouse.security_events WHERE reason = 'connect_link_of_another_user'");
    expect(events).toMatchObject([{ reason: 'connect_link_of_another_user', provider: 'corp' }]);
    expect(await mayCall('mallory')).toBe(false);
  });

  it('is refused as well to somebody who signs in for it', async () => {
    const link = await linkOf('mallory');
    pages.gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme' };
    const page = await pages.browser().open(link);
    expect([page.status, page.url.pathname]).toEqual([403, '/connections/to/tracker']);
  });

  it('is refused to the same subject of another tenant', async () => {
    const link = await linkOf('alice', 'globex');
    const { browser } = await pages.signIn({ sub: 'alice' });
    expect((await browser.open(link)).status).toBe(403);
  });

  it('is refused when it is the authorization server\'s own address that is passed on', async () => {
    const mallory = await pages.signIn({ sub: 'mallory' });
    const { next } = await mallory.browser.submit(mallory.page, '/connections/to/tracker/connect');
    const { browser } = await pages.signIn({ sub: 'alice' });
    const page = await browser.open(next!);
    expect([page.status, page.url.pathname]).toEqual([400, '/connections/callback/tracker']);
    expect(page.html).toContain('That attempt is over');
    expect((await pages.audit()).at(-1)).toMatchObject({ subject: 'alice', kind: 'outcome', tool: 'connections.connect', result: 'failure' });
    // Nor is the state good for mallory any more.
    expect((await mallory.browser.open(next!)).status).toBe(400);
    expect([await mayCall('mallory'), await mayCall('alice')]).toEqual([false, false]);
  });

  it.each([
    ['is not ours', async () => '/connections/to/tracker?for=e30.e30.e30'],
    ['was changed', async () => (await linkOf('alice')).replace(/.(?=.{40}$)/, (one) => (one === 'A' ? 'B' : 'A'))],
    ['is for another connection', async () => (await linkOf('alice')).replace('/to/tracker', '/to/weather')],
    ['is too old', async () => {
      const [key] = deriveKeys(pages.gateway.app.get(LiveConfiguration).current, 'gatehouse connect link');
      const owner = { tenant: 'acme', issuer: pages.gateway.issuer.url, subject: 'alice', connection: 'tracker' };
      const sealed = (expiresAt: number) => new EncryptJWT(owner).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setExpirationTime(expiresAt).encrypt(key!);
      const now = Math.floor(Date.now() / 1_000);
      const { browser } = await pages.signIn({ sub: 'alice' });
      expect((await browser.open(`/connections/to/tracker?for=${await sealed(now + 60)}`)).status).toBe(200);
      return `/connections/to/tracker?for=${await sealed(now - 1)}`;
    }],
  ])('and one that %s shows no button', async (_, make) => {
    const { browser } = await pages.signIn({ sub: 'alice' });
    const page = await browser.open(await make());
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('/connect"');
  });

  it('serves whom it was made for, from the tool\'s answer to the tool\'s success', async () => {
    const link = await linkOf('alice');
    pages.gateway.issuer.signIn.person = { sub: 'alice', name: 'Alice', tenant: 'acme' };
    const browser = pages.browser();
    const page = await browser.open(link);
    for (const text of ['Connect Issue tracker', 'issues', 'for <strong>Alice</strong> only']) expect(page.html).toContain(text);
    const { next } = await browser.submit(page, '/connections/to/tracker/connect');
    expect((await browser.open(next!)).html).toContain('Issue tracker is connected.');
    expect(await mayCall('alice')).toBe(true);
    expect(pages.accounts.accepts(String(pages.gateway.upstream.last.headers['authorization']).slice('Bearer '.length))).toBe(true);
    expect(await mayCall('mallory')).toBe(false);
  });
});

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeGoogle, RecordingUpstream, type RecordedAnswer, type ServiceAccountFile } from '@gatehouse-mcp/testing';
import { DataSource } from 'typeorm';
import { bump, ChangeFeed } from '../../src/database/change-feed.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica } from '../tools/served.process.js';
import { callAt } from '../tools/vault.js';

const WEBHOOK_SECRET = 'webhook-secret-of-32-characters!';
const OTHER_SECRET = 'secret-of-the-other-tenant-32-ch!';
describeBothWays('a resolver', (connect) => {
  let platform: RecordingUpstream;
  let google: FakeGoogle;
  let account: ServiceAccountFile;
  let gateway: TestGateway;
  /** What the platform has, by user id and service. */
  let held: Map<string, RecordedAnswer>;

  const json = (body: object, headers: Record<string, string> = {}): RecordedAnswer => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

  beforeAll(async () => {
    [platform, google] = await Promise.all([RecordingUpstream.start(), FakeGoogle.start()]);
    account = await google.addServiceAccount('robot', ['items:read']);
    const link = { type: 'resolver', baseUrl: `${platform.url}/base/`, serviceToken: 'env:PLATFORM_TOKEN', webhookSecret: 'env:WEBHOOK_SECRET' };
    const chains: Record<string, object[]> = {
      tickets: [{ ...link, service: 'tickets', in: 'query', name: 'api_key' }],
      asuser: [{ ...link, serviceToken: undefined, service: 'asuser', exchange: { provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'platform' } }],
      onward: [{ ...link, service: 'onward', missing: 'continue' }, { type: 'api-key', in: 'header', name: 'x-key', value: 'env:PLATFORM_TOKEN' }],
      asked: [{ ...link, service: 'asked', connectUrl: 'https://platform.example/connect' }],
    };
    gateway = await startGateway({
      connect,
      secrets: { PLATFORM_TOKEN: 'canary-platform', WEBHOOK_SECRET, OTHER_SECRET },
      change: (settings) => {
        const [api] = settings['apis'] as Settings[];
        settings['apis'] = Object.entries(chains).map(([name, credentials]) => ({ ...api, name, credentials }));
        (settings['apis'] as Settings[]).push({ ...api, name: 'tickets', tenant: 'globex', credentials: [{ ...link, service: 'tickets', webhookSecret: 'env:OTHER_SECRET' }] });
        (settings['egress'] as { allow: string[] }).allow.push(new URL(platform.url).host, google.host);
      },
    });
  }, 60_000);
  afterAll(() => Promise.all([gateway.stop(), platform.stop(), google.stop()]));
  beforeEach(() => {
    held = new Map();
    platform.requests.length = 0;
    platform.answerWith(({ path }) => held.get(path.replace('/base/api/credentials/', '')) ?? { status: 404 });
    gateway.upstream.answerWith(() => ({}));
  });

  let count = 0;
  const newUser = (): string => `user-${count++}`;
  const call = async (subject: string, api: string) => (await gateway.call(await gateway.token({ sub: subject }), `${api}_getItem`, { id: '1' })).result;
  const audited = async (subject: string, api: string): Promise<unknown> => {
    await call(subject, api);
    return gateway.upstream.last.headers['authorization'];
  };

  describe('a platform\'s credential service', () => {
    it('is asked by path for the user and the service, with the service token, once until its answer ends', async () => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'of-the-user', expires_in: 300 }));
      expect(await audited(user, 'tickets')).toBe('Bearer of-the-user');
      await call(user, 'tickets');
      expect(platform.requests.map(({ method, path, headers }) => [method, path, headers['authorization']])).toEqual([['GET', `/base/api/credentials/${user}/tickets`, 'Bearer canary-platform']]);
    });

    it('is asked with a token exchanged for it where it wants the user\'s own, and never sees the client\'s', async () => {
      const user = newUser();
      held.set(`${user}/asuser`, json({ type: 'token', access_token: 'x' }));
      const token = await gateway.token({ sub: user });
      await gateway.call(token, 'asuser_getItem', { id: '1' });
      const [request] = platform.requests;
      const claims = JSON.parse(Buffer.from(String(request?.headers['authorization']).split('.')[1] ?? '', 'base64url').toString()) as object;
      expect(claims).toMatchObject({ sub: user, aud: 'platform' });
      expect(JSON.stringify(platform.requests)).not.toContain(token.split('.')[2]);
    });

    it('may answer with a key, which stands where it says or where the link says', async () => {
      const [one, other] = [newUser(), newUser()];
      held.set(`${one}/tickets`, json({ type: 'api_key', api_key: 'k1' }));
      held.set(`${other}/tickets`, json({ type: 'api_key', api_key: 'k2', in: 'header', name: 'X-Own', prefix: 'Key ' }));
      await call(one, 'tickets');
      expect(gateway.upstream.last.query).toBe('api_key=k1');
      await call(other, 'tickets');
      expect(gateway.upstream.last.headers['x-own']).toBe('Key k2');
    });

    it('may answer with a service account, which is used by an assertion', async () => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'service_account', service_account: account, scope: 'items:read' }));
      expect(await audited(user, 'tickets')).toMatch(/^Bearer /);
      const form = new URLSearchParams(google.requests.at(-1)?.body);
      expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    });

    it.each([
      ['ttl of the answer', { ttl: 0 }, {}],
      ['Cache-Control', {}, { 'cache-control': 'private, max-age=0' }],
      ['its own end', { expires_in: 20 }, {}],
    ])('is asked again as soon as its answer ends: by %s', async (_, more, headers) => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'x', ...more }, headers));
      await call(user, 'tickets');
      await call(user, 'tickets');
      expect(platform.requests).toHaveLength(2);
    });

    it('is asked for a fresh one when the API answers 401', async () => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'old' }));
      await call(user, 'tickets');
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'new' }));
      gateway.upstream.answerWith(({ headers }) => (headers['authorization'] === 'Bearer new' ? {} : { status: 401 }));
      expect((await call(user, 'tickets'))?.isError).toBeUndefined();
      expect(platform.requests.map(({ headers }) => headers['cache-control'])).toEqual([undefined, 'no-cache']);
    });

    it('with nothing for the user ends the call, asks the user, or leaves it to the next link, as the operator wrote', async () => {
      const user = newUser();
      expect((await call(user, 'tickets'))?.content?.[0]?.text).toBe('the credential service for API "tickets": the platform has no "tickets" for you');
      expect((await call(user, 'asked'))?.content?.[0]?.text).toBe('the platform has no "asked" of yours yet. Ask the user to open this link, then call the tool again: https://platform.example/connect');
      expect((await call(user, 'onward'))?.isError).toBeUndefined();
      expect(gateway.upstream.last.headers['x-key']).toBe('canary-platform');
    });

    it.each([
      ['is down', { status: 503 }, 'the credential service for API "tickets" answered 503'],
      ['does not know us', { status: 401 }, 'the platform does not take Gatehouse\'s own token (401)'],
      ['sends us elsewhere', { status: 302, headers: { location: 'https://elsewhere.example' } }, 'the platform answered 302'],
      ['answers a page', { body: '<html>' }, 'its answer is no JSON'],
      ['answers something else', json({ type: 'token', token: 'canary-token' }), 'its answer is none of token, api_key and service_account (access_token)'],
      ['answers a key with a line end', json({ type: 'api_key', api_key: 'a\r\nx-evil: 1', in: 'header', name: 'x-key' }), 'its answer has a credential that cannot stand in a header'],
      ['answers a key for the host header', json({ type: 'api_key', api_key: 'elsewhere.example', in: 'header', name: 'Host' }), 'its answer has a credential for a header that cannot carry one'],
    ])('that %s is an error without a call to the API, and never the next link', async (_, answer, message) => {
      platform.answerWith(() => answer);
      const before = gateway.upstream.requests.length;
      const result = await call(newUser(), 'tickets');
      expect(result?.content?.[0]?.text).toContain(message);
      expect(JSON.stringify(result)).not.toContain('canary');
      expect((await call(newUser(), 'onward'))?.isError).toBe(true);
      expect(gateway.upstream.requests).toHaveLength(before);
    });

    it.each(['..', '../admin', 'a/../b', 'a%2f..%2fb'])('is not asked for a user key that climbs: %s', async (user) => {
      expect((await call(user, 'tickets'))?.content?.[0]?.text).toContain('your user key cannot stand in a path');
      expect(platform.requests).toHaveLength(0);
    });
  });

  describe('POST /api/webhooks/credential-updated', () => {
    const now = () => Math.floor(Date.now() / 1_000);
    const sign = (body: string, timestamp: number, secret = WEBHOOK_SECRET) => createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    const post = (body: string, { timestamp = now(), signature = sign(body, timestamp) }: { timestamp?: number; signature?: string } = {}) =>
      fetch(`${gateway.url}/api/webhooks/credential-updated`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-webhook-timestamp': String(timestamp), 'x-webhook-signature': signature },
        body,
      });

    it('makes every replica ask again within 5 s, for that user and service only', async () => {
      const [user, other] = [newUser(), newUser()];
      for (const one of [user, other]) held.set(`${one}/tickets`, json({ type: 'token', access_token: 'old' }));
      const replica = await serveReplica(gateway);
      try {
        const both = [gateway.url, replica.url];
        for (const url of both) for (const one of [user, other]) await callAt(url, gateway, one, 'tickets_getItem');
        held.set(`${user}/tickets`, json({ type: 'token', access_token: 'new' }));
        const response = await post(JSON.stringify({ userId: user, provider: 'tickets' }));
        expect([response.status, await response.json()]).toEqual([200, { received: true, duplicate: false }]);
        const until = Date.now() + 5_000;
        for (const url of both) {
          let sent: unknown;
          while (sent !== 'Bearer new' && Date.now() < until) {
            await callAt(url, gateway, user, 'tickets_getItem');
            sent = gateway.upstream.last.headers['authorization'];
          }
          expect(sent).toBe('Bearer new');
        }
        const before = platform.requests.length;
        for (const url of both) await callAt(url, gateway, other, 'tickets_getItem');
        expect(platform.requests).toHaveLength(before);
      } finally {
        await replica.stop();
      }
    }, 30_000);

    it('is heard of by a replica that could not hear for minutes', async () => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'old' }));
      await call(user, 'tickets');
      const database = gateway.app.get(DataSource, { strict: false });
      const tenant = gateway.app.get(TenantRegistry, { strict: false }).find('acme')?.id;
      await database.query(`INSERT INTO gatehouse.credential_updates (delivery, updates, received_at) VALUES ($1, $2, now() - interval '5 minutes')`, [
        Buffer.from(user),
        JSON.stringify([{ tenant, baseUrl: `${platform.url}/base/`, service: 'tickets', userId: user }]),
      ]);
      // What the time without a database does to the clock of a replica.
      const later = performance.now() + 5 * 60_000;
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => later);
      await bump(database, 'credential-updates');
      await gateway.app.get(ChangeFeed, { strict: false }).refresh();
      clock.mockRestore();
      await call(user, 'tickets');
      expect(platform.requests).toHaveLength(2);
    });

    it('knows a delivery that comes again', async () => {
      const body = JSON.stringify({ userId: newUser(), provider: 'tickets' });
      const timestamp = now() - 200;
      expect(await (await post(body, { timestamp })).json()).toEqual({ received: true, duplicate: false });
      expect(await (await post(body, { timestamp })).json()).toEqual({ received: true, duplicate: true });
    });

    it('is for the tenant whose secret signed it, and hides no delivery for another tenant', async () => {
      const user = newUser();
      const body = JSON.stringify({ userId: user, provider: 'tickets' });
      const timestamp = now();
      expect(await (await post(body, { timestamp, signature: sign(body, timestamp, OTHER_SECRET) })).json()).toEqual({ received: true, duplicate: false });
      expect(await (await post(body, { timestamp })).json()).toEqual({ received: true, duplicate: false });
      expect(await (await post(body, { timestamp })).json()).toEqual({ received: true, duplicate: true });
    });

    it.each([
      ['signed with another secret', (body: string) => ({ signature: sign(body, now(), 'another') })],
      ['signed for another body', () => ({ signature: sign('{}', now()) })],
      ['signed for another time', (body: string) => ({ timestamp: now(), signature: sign(body, now() - 10) })],
      ['older than five minutes', () => ({ timestamp: now() - 302 })],
      ['from the future', () => ({ timestamp: now() + 302 })],
      ['without a signature', () => ({ signature: '' })],
    ])('refuses a delivery %s', async (_, change) => {
      const user = newUser();
      held.set(`${user}/tickets`, json({ type: 'token', access_token: 'old' }));
      await call(user, 'tickets');
      const body = JSON.stringify({ userId: user, provider: 'tickets' });
      const response = await post(body, change(body));
      expect(response.status).toBe(401);
      expect(await response.text()).not.toContain(WEBHOOK_SECRET);
      await call(user, 'tickets');
      expect(platform.requests).toHaveLength(1);
    });

    it('is not looked at when it is larger than any event', async () => {
      const response = await post(JSON.stringify({ userId: 'a', provider: 'tickets', more: 'x'.repeat(64 * 1024) }));
      expect(response.status).toBe(413);
    });

    it.each(['', 'null', '{"userId":"a"}', '{"userId":{},"provider":"tickets"}', '<html>'])('says what is wrong with a signed body that is none: %j', async (body) => {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(/userId and provider|Body cannot be empty/);
    });
  });
});

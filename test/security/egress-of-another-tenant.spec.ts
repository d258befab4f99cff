import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer, RecordingUpstream } from '@gatehouse-mcp/testing';
import { itemsDocument, startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let elsewhere: FakeIssuer;
let documents: RecordingUpstream;

const isAllowedFor = (settings: Settings, tenant: string, egress: object) => Object.assign((settings['tenants'] as Record<string, object>)[tenant]!, { egress });
const hostOf = (url: string) => new URL(url).host;

beforeAll(async () => {
  [elsewhere, documents] = await Promise.all([FakeIssuer.start(), RecordingUpstream.start(() => ({ body: JSON.stringify(itemsDocument) }))]);
  gateway = await startGateway({
    tenants: ['acme', 'globex', 'initech'],
    change: (settings) => {
      const { allow } = settings['egress'] as { allow: string[] };
      const [issuer, upstream] = allow;
      settings['egress'] = { allow: [issuer] };
      isAllowedFor(settings, 'acme', { allow: [upstream, elsewhere.host, hostOf(documents.url)] });
      isAllowedFor(settings, 'initech', { allow: [upstream], deny: [String(upstream)] });
      const apis = settings['apis'] as Record<string, unknown>[];
      const credentials = [{ type: 'client-credentials', tokenEndpoint: `${elsewhere.url}/token`, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET' }];
      settings['apis'] = [...apis, ...apis.map((api) => ({ ...api, name: 'service', credentials }))];
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([elsewhere.stop(), documents.stop()]);
});

const callAs = async (tenant: string, tool = 'items_getItem') => gateway.call(await gateway.token({ tenant }), tool, { id: 'x' });
const textOf = ({ result }: Awaited<ReturnType<typeof callAs>>) => result?.content?.[0]?.text;

/** Security attacks 11 and 2: what one tenant may reach, and the sockets that are open for it, are nobody else's. */
describe('a host that only another tenant\'s list allows', () => {
  it('is not connected, although a socket to it is open', async () => {
    expect((await callAs('acme')).result?.isError).toBeFalsy();
    const before = gateway.upstream.requests.length;
    const refused = await callAs('globex');
    expect(refused.result?.isError).toBe(true);
    expect(textOf(refused)).toMatch(/egress to .* is not allowed/);
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it('is not connected while calls of both run side by side', async () => {
    const before = gateway.upstream.requests.length;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => callAs(index % 2 === 0 ? 'acme' : 'globex')));
    expect(answers.map(({ result }) => result?.isError === true)).toEqual(answers.map((_, index) => index % 2 === 1));
    expect(gateway.upstream.requests).toHaveLength(before + 20);
  });

  it('is denied to the tenant whose own list denies it, whatever allows it', async () => {
    expect(textOf(await callAs('initech'))).toMatch(/is denied by tenants\.initech\.egress\.deny/);
  });

  it('is not asked for a token for this tenant', async () => {
    expect((await callAs('acme', 'service_getItem')).result?.isError).toBeFalsy();
    const before = elsewhere.fetches.get('/token');
    expect(before).toBeGreaterThan(0);
    const refused = await callAs('globex', 'service_getItem');
    expect(refused.result?.isError).toBe(true);
    expect(textOf(refused)).toMatch(/client credentials grant/);
    expect(elsewhere.fetches.get('/token')).toBe(before);
  });

  it('is not asked for a document of this tenant', async () => {
    const importFor = (tenant: string) =>
      gateway.apply((settings) => {
        const apis = settings['apis'] as Record<string, unknown>[];
        settings['apis'] = [...apis.filter(({ name }) => name !== 'remote'), { ...apis[0], name: 'remote', tenant, openapi: `${documents.url}/openapi.json` }];
      });
    await expect(importFor('globex')).rejects.toThrow(/apis\[6\]\.openapi: egress to .* is not allowed/);
    expect(documents.requests).toHaveLength(0);
    await importFor('acme');
    expect(documents.requests).toHaveLength(1);
  });
});

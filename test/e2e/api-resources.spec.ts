import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { itemsDocument, startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { sendLegacy, sendModern } from '../tools/mcp-messages.js';

const number = { name: 'number', in: 'path', required: true, schema: { type: 'integer' } };
const document = {
  ...itemsDocument,
  paths: {
    ...itemsDocument.paths,
    '/items/{id}/parts/{number}': { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }, number], get: { operationId: 'getPart', responses: {} } },
    '/search': { get: { operationId: 'search', parameters: [{ name: 'q', in: 'query', required: true, schema: { type: 'string' } }], responses: {} } },
    '/secrets': { get: { operationId: 'listSecrets', security: [{ oauth: ['items:write'] }], responses: {} } },
    '/reserved': { get: { operationId: 'reserved', responses: {} } },
  },
};

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({
    document,
    change: (settings) => {
      const [acme, other] = settings['apis'] as Settings[];
      Object.assign(acme ?? {}, { resources: true });
      (settings['apis'] as Settings[]).push({ ...other, name: 'plain', tenant: 'acme' });
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
      settings['policy'] = { roles: { admin: ['items.reserved'] } };
    },
  });
  token = await gateway.token();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
});

const read = (uri: string, own = token) => sendModern(gateway, 'resources/read', { uri }, { token: own });
const uris = (list: unknown, key: string) => (list as Record<string, string>[]).map((one) => one[key]);

describe('operations that only read', () => {
  it('are resources, or templates where their path has arguments, of an API that offers them', async () => {
    const { resources } = (await sendModern(gateway, 'resources/list', {}, { token })).result as unknown as { resources: unknown };
    const { resourceTemplates } = (await sendLegacy(gateway, 'resources/templates/list', {}, { token })).result as unknown as { resourceTemplates: unknown };
    expect(uris(resources, 'uri')).toEqual(['gatehouse://resources/items_listItems', 'gatehouse://resources/items_listSecrets']);
    expect(uris(resourceTemplates, 'uriTemplate')).toEqual(['gatehouse://resources/items_getItem/{id}', 'gatehouse://resources/items_getPart/{id}/{number}']);
  });

  it('are shown to whom their tools are shown', async () => {
    const admin = await gateway.token({ groups: ['admin'] });
    const { resources } = (await sendModern(gateway, 'resources/list', {}, { token: admin })).result as unknown as { resources: unknown };
    expect(uris(resources, 'uri')).toContain('gatehouse://resources/items_reserved');
    expect((await read('gatehouse://resources/items_reserved')).error).toMatchObject({ code: -32602, message: 'there is no such resource' });
    expect((await read('gatehouse://resources/items_reserved', admin)).error).toBeUndefined();
  });

  it('are read by the call, as whoever reads them, whole and on record', async () => {
    gateway.upstream.answerWith(() => ({ body: '{"big":12345678901234567890,"name":"ä"}' }));
    const answer = await read('gatehouse://resources/items_getPart/a%20b/7');
    expect(answer.result).toMatchObject({ contents: [{ uri: 'gatehouse://resources/items_getPart/a%20b/7', mimeType: 'application/json', text: '{"big":12345678901234567890,"name":"ä"}' }] });
    const { path, headers } = gateway.upstream.last;
    expect(path).toBe('/v1/items/a%20b/parts/7');
    expect(decodeJwt(String(headers['authorization']).replace('Bearer ', ''))).toMatchObject({ sub: 'alice', aud: 'items-api' });
    const rows = (await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 })).filter(({ tool }) => tool === 'items_getPart');
    expect(rows.map(({ kind, result }) => [kind, result]).toSorted()).toEqual([['intent', null], ['outcome', 'success']]);
  });

  it('need the scopes of their tools: 403 with the challenge', async () => {
    const response = await read('gatehouse://resources/items_listSecrets', await gateway.token({ scope: 'items:read' }));
    expect(response.status).toBe(403);
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each([
    ['more arguments than the path has', 'gatehouse://resources/items_getItem/1/2'],
    ['fewer', 'gatehouse://resources/items_getItem'],
    ['a tool that writes', 'gatehouse://resources/items_deleteItem/1'],
    ['a tool that needs more than its path', 'gatehouse://resources/items_search'],
    ['a tool of an API that offers none', 'gatehouse://resources/plain_listItems'],
    ['no tool', 'gatehouse://resources/items_nothing'],
    ['bad escapes', 'gatehouse://resources/items_getItem/%zz'],
  ])('are not there for %s', async (_, uri) => {
    expect((await read(uri)).error).toMatchObject({ code: -32602, message: 'there is no such resource' });
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each(['..', '%2e%2e', '..%2Fadmin', 'a%00'])('take no path trick for a value: %s', async (value) => {
    expect((await read(`gatehouse://resources/items_getItem/${value}`)).error).toMatchObject({ code: -32602 });
    expect(gateway.upstream.requests).toEqual([]);
  });

  it('that the API refuses are an error in its words', async () => {
    gateway.upstream.answerWith(() => ({ status: 404, body: '{"title":"No such item"}' }));
    expect((await read('gatehouse://resources/items_getItem/404')).error?.message).toContain('No such item');
    expect((await read('gatehouse://resources/items_getPart/1/x')).error).toMatchObject({ code: -32602, message: expect.stringContaining('number') });
  });
});

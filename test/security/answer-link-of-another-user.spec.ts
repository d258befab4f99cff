import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { sendLegacy, sendModern, type McpAnswer } from '../tools/mcp-messages.js';
import { forgeLink, linksOf } from '../tools/resource-links.js';

let gateway: TestGateway;
let uri: string;

const bearerOf = (header: unknown) => decodeJwt(String(header).replace('Bearer ', ''));

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      const apis = settings['apis'] as Settings[];
      Object.assign(apis[0]!, { results: { maxTokens: 100 } });
      apis.push({ ...apis[0], name: 'hidden' }, { ...apis[1], name: 'foreign', results: { maxTokens: 100 } });
      settings['policy'] = { roles: { admin: ['hidden.*'] } };
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
    },
  });
  // What the API shows is whose token it gets.
  gateway.upstream.answerWith(({ headers }) => ({ body: JSON.stringify({ of: bearerOf(headers['authorization']).sub, pad: 'x'.repeat(5_000) }) }));
  const call = await sendModern(gateway, 'tools/call', { name: 'items_getItem', arguments: { id: 'of-alice' } }, { token: await gateway.token() });
  uri = linksOf(call)[0]!.uri;
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
});

const read = async (link: string, claims: Readonly<Record<string, unknown>> = {}, send: (at: TestGateway, method: string, params: Record<string, unknown>, sending: { token: string }) => Promise<McpAnswer> = sendModern) =>
  send(gateway, 'resources/read', { uri: link }, { token: await gateway.token({ sub: 'mallory', ...claims }) });
const textOf = ({ result }: McpAnswer) => JSON.parse(result.contents[0]?.text ?? '{}') as { of: string };
const unknown = (link: string) => ({ code: -32602, message: 'there is no such resource', data: { uri: link } });

/** Security attack 15, by the links of large answers. */
describe('a link to an answer of another user', () => {
  it('has nothing in it but the tool and its arguments', () => {
    expect(uri).toBe(forgeLink('items_getItem', { id: 'of-alice' }));
  });

  it.each([['modern', sendModern], ['legacy', sendLegacy]] as const)('is a call of whoever reads it, with their own token, and brings what they may see (%s)', async (_, send) => {
    expect(textOf(await read(uri, { sub: 'alice' }, send)).of).toBe('alice');
    expect(textOf(await read(uri, {}, send)).of).toBe('mallory');
    expect(gateway.upstream.requests.map(({ headers }) => bearerOf(headers['authorization']))).toEqual([
      expect.objectContaining({ sub: 'alice', aud: 'items-api' }),
      expect.objectContaining({ sub: 'mallory', aud: 'items-api' }),
    ]);
  });

  it('is the API\'s to refuse', async () => {
    gateway.upstream.answerWith(({ headers }) => (bearerOf(headers['authorization']).sub === 'alice' ? { body: '{"of":"alice"}' } : { status: 403, body: '{"message":"not yours"}' }));
    const answer = await read(uri);
    expect([answer.error?.message, answer.result.contents]).toEqual([expect.stringMatching(/^HTTP 403 Forbidden/), undefined]);
    gateway.upstream.answerWith(({ headers }) => ({ body: JSON.stringify({ of: bearerOf(headers['authorization']).sub }) }));
  });

  it.each([['modern', sendModern], ['legacy', sendLegacy]] as const)('asks who lacks the scope for it, before the answer begins (%s)', async (_, send) => {
    const answer = await read(uri, { scope: 'openid' }, send);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, expect.stringMatching(/error="insufficient_scope".*scope="openid items:read"/)]);
    expect(gateway.upstream.requests).toEqual([]);
  });

  it('is nothing in another tenant, nor to who may not see its tool: one answer, and a record', async () => {
    const subject = 'prober';
    for (const link of ['foreign_getItem', 'hidden_getItem', 'items_nothing', '__proto__'].map((tool) => forgeLink(tool, { id: 'x' }))) {
      const { status, error, headers } = await read(link, { sub: subject });
      expect([status, error, headers.get('www-authenticate')]).toEqual([200, unknown(link), null]);
    }
    expect(gateway.upstream.requests).toEqual([]);
    const rows = (await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 })).filter((row) => row.subject === subject);
    expect(rows.map(({ kind, tool, decision }) => [kind, tool, decision]).toSorted()).toEqual(['__proto__', 'foreign_getItem', 'hidden_getItem', 'items_nothing'].map((tool) => ['refused', tool, 'unknown_entry']));
    // Those who may, can.
    expect(textOf(await read(forgeLink('hidden_getItem', { id: 'x' }), { groups: ['admin'] })).of).toBe('mallory');
    expect(textOf(await read(forgeLink('foreign_getItem', { id: 'x' }), { tenant: 'globex' })).of).toBe('mallory');
  });
});

describe('a link that somebody made up', () => {
  it.each([
    ['items_deleteItem', { id: '1' }],
    ['items_createItem', { title: 'x' }],
    ['search_tools', { query: 'x' }],
    ['call_tool', { name: 'items_getItem', arguments: { id: '1' } }],
  ])('calls nothing that is more than reading: %s', async (tool, args) => {
    for (const scope of ['items:read items:write', 'openid']) {
      const link = forgeLink(tool, args);
      const { status, error } = await read(link, { scope });
      expect([status, error]).toEqual([200, unknown(link)]);
    }
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each([
    ['no arguments', 'gatehouse://answers/items_getItem'],
    ['no tool', 'gatehouse://answers//e30'],
    ['a tool in disguise', forgeLink('items%5FgetItem', { id: '1' })],
    ['a tool that climbs', forgeLink('../items_getItem', { id: '1' })],
    ['a path behind it', `${forgeLink('items_getItem', { id: '1' })}/../../x`],
    ['a query', `${forgeLink('items_getItem', { id: '1' })}?id=2`],
    ['another host', forgeLink('items_getItem', { id: '1' }).replace('answers', 'answers@127.0.0.1')],
    ['an address of the API', 'http://127.0.0.1/v1/items/1'],
    ['a file', 'file:///etc/passwd'],
    ['arguments twice', forgeLink('items_getItem', '{"id":"1","id":"2"}')],
    ['arguments that are no object', forgeLink('items_getItem', '["1"]')],
    ['arguments that are no JSON', forgeLink('items_getItem', '{"id":')],
    ['arguments in standard base64', `gatehouse://answers/items_getItem/${Buffer.from('{"id":"1"}').toString('base64')}=`],
    ['8 KB', forgeLink('items_getItem', { id: 'x'.repeat(6_000) })],
    ['1 MB', forgeLink('items_getItem', { id: 'x'.repeat(800_000) })],
    ['nesting without end', forgeLink('items_getItem', `{"id":${'['.repeat(1_400)}${']'.repeat(1_400)}}`)],
  ])('is refused without a call: %s', async (_, link) => {
    const { status, error } = await read(link, {}, sendLegacy);
    expect([status, error]).toEqual([200, unknown(link)]);
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each(['..', '.', '%2e%2e', '../../admin', ''])('reaches no other address by its arguments, which are bound as those of a call: %j', async (id) => {
    expect((await read(forgeLink('items_getItem', { id }))).error?.code).toBe(-32602);
    expect(gateway.upstream.requests).toEqual([]);
    await read(forgeLink('items_getItem', { id: `a/${id}?x#y` }));
    expect(gateway.upstream.requests.filter(({ path, query }) => query !== '' || !/^\/v1\/items\/[^/]+$/.test(path))).toEqual([]);
  });

  it('is none of its user without a token', async () => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('resource_metadata')]);
    expect(gateway.upstream.requests).toEqual([]);
  });
});

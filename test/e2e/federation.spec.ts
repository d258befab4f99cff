import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { FakeMcpServer, openEvents, sendEvent, subjectOf } from '../tools/fake-mcp-server.js';
import { namesOf, readServersAgain, startFederation, textOf, toolsOf } from '../tools/federation.js';
import { Events } from '../tools/events.js';
import type { Settings, TestGateway } from '../tools/gateway.js';

const audit = async (gateway: TestGateway) => readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });

describe.each(['modern', '2025-11-25', '2025-03-26', '2024-11-05'])('a federated server of the era %s', (era) => {
  let gateway: TestGateway;
  let server: FakeMcpServer;

  beforeAll(async () => {
    server = await FakeMcpServer.start(era);
    server.tools.push({ name: 'write', inputSchema: { type: 'object' } }, { name: 'secret.thing', description: 'Reserved.', inputSchema: { type: 'object' } });
    server.resources = [{ uri: 'wiki://home', name: 'home' }];
    server.resourceTemplates = [{ uriTemplate: 'wiki://page/{+path}', name: 'page' }];
    server.prompts = [{ name: 'summarise', description: 'Summarises.', arguments: [{ name: 'page', required: true }] }];
    gateway = await startFederation({ wiki: server }, { scopes: { 'wiki.write': 'items:write' } }, {
      change: (settings) => {
        (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
        settings['policy'] = { roles: { admin: ['wiki.secret*', 'wiki.home'] } };
      },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  const ask = async (method: string, params: object, claims = {}) => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method, params }, { token: await gateway.token(claims) });
    return { status: response.status, ...((await response.json()) as { result?: Record<string, unknown>; error?: { code: number; message: string } }) };
  };

  it('has its tools beside those of APIs, under its prefix', async () => {
    expect(await namesOf(gateway)).toEqual(expect.arrayContaining(['items_getItem', 'wiki_search', 'wiki_write']));
    expect((await toolsOf(gateway)).find(({ name }) => name === 'wiki_search')).toEqual({
      name: 'wiki_search',
      title: 'Search',
      description: 'Searches the wiki.',
      inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
      annotations: { readOnlyHint: true },
    });
  });

  it('is called as the user, with a token for its own audience and never the client\'s', async () => {
    const token = await gateway.token({ sub: 'nora' });
    const { result } = await gateway.call(token, 'wiki_search', { query: 'x' });
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'hello nora' }], structuredContent: { subject: 'nora', arguments: { query: 'x' } } });
    const { headers } = server.of('tools/call').at(-1)!;
    expect(decodeJwt(String(headers.authorization).slice(7))).toMatchObject({ sub: 'nora', aud: 'wiki-server', act: { sub: 'gatehouse' } });
    expect(JSON.stringify(server.messages)).not.toContain(token);
    const rows = (await audit(gateway)).filter(({ tool, subject }) => tool === 'wiki_search' && subject === 'nora');
    expect(rows.map(({ kind, result: outcome, api, actor }) => [kind, outcome, api, actor])).toEqual(expect.arrayContaining([['outcome', 'success', 'wiki', 'gatehouse']]));
  });

  it('refuses what its schema refuses before it is asked, on record', async () => {
    const before = server.of('tools/call').length;
    expect(await textOf(gateway, 'wiki_search', {})).toContain('Missing required argument "query"');
    expect(server.of('tools/call')).toHaveLength(before);
    expect((await audit(gateway)).some(({ tool, decision }) => tool === 'wiki_search' && decision === 'invalid_arguments')).toBe(true);
  });

  it('obeys policy: scopes are asked for, and what a role reserves does not exist for others', async () => {
    expect((await ask('tools/call', { name: 'wiki_write', arguments: {} }, { scope: 'items:read' })).status).toBe(403);
    expect((await ask('tools/call', { name: 'wiki_write', arguments: {} })).result).toMatchObject({ structuredContent: { subject: 'alice' } });
    expect(await namesOf(gateway)).not.toContain('wiki_secret_thing');
    expect(await namesOf(gateway, { groups: ['admin'] })).toContain('wiki_secret_thing');
    expect((await ask('tools/call', { name: 'wiki_secret_thing', arguments: {} })).error).toEqual({ code: -32602, message: 'there is no such tool' });
    expect(await textOf(gateway, 'wiki_secret_thing', {}, { groups: ['admin'] })).toBe('hello alice');
    expect(server.of('tools/call').at(-1)?.params['name']).toBe('secret.thing');
  });

  it('has its resources, templates and prompts, each as the caller and only for who sees it', async () => {
    expect((await ask('resources/list', {})).result).toMatchObject({ resources: [] });
    expect((await ask('resources/list', {}, { groups: ['admin'] })).result).toMatchObject({ resources: [{ uri: 'wiki://home', name: 'wiki_home' }] });
    expect((await ask('resources/read', { uri: 'wiki://home' })).error).toMatchObject({ code: -32602, message: 'there is no such resource' });
    expect((await ask('resources/read', { uri: 'wiki://home' }, { groups: ['admin'] })).result).toMatchObject({ contents: [{ uri: 'wiki://home', text: 'wiki://home for alice' }] });
    expect((await ask('resources/templates/list', {})).result).toMatchObject({ resourceTemplates: [{ uriTemplate: 'wiki://page/{+path}', name: 'wiki_page' }] });
    expect((await ask('resources/read', { uri: 'wiki://page/a/b' }, { sub: 'nora' })).result).toMatchObject({ contents: [{ text: 'wiki://page/a/b for nora' }] });
    expect((await ask('resources/read', { uri: 'wiki://other' })).error?.code).toBe(-32602);
    expect((await ask('prompts/list', {})).result).toMatchObject({ prompts: [{ name: 'wiki_summarise', arguments: [{ name: 'page', required: true }] }] });
    expect((await ask('prompts/get', { name: 'wiki_summarise', arguments: { page: 'home' } })).result).toMatchObject({ messages: [{ content: { text: 'prompt {"page":"home"} for alice' } }] });
    expect((await ask('completion/complete', { ref: { type: 'ref/prompt', name: 'wiki_summarise' }, argument: { name: 'page', value: 'h' } })).result).toMatchObject({ completion: { values: ['done for alice'] } });
  });

  it('says how far it is to a client that asked, and relays its errors and its own words', async () => {
    server.answer = ({ method, id, params }, response) => {
      if (method !== 'tools/call') return false;
      const progressToken = (params['_meta'] as { progressToken?: unknown } | undefined)?.progressToken;
      openEvents(response);
      for (const progress of [1, 2]) sendEvent(response, { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: 2, message: `step ${progress}` } });
      sendEvent(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'no such page' }, { type: 'resource_link', uri: 'wiki://x', name: 'x' }], isError: true } });
      response.end();
      return true;
    };
    const response = await gateway.post({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'wiki_search', arguments: { query: 'x' }, _meta: { progressToken: 'mine' } } }, { token: await gateway.token() });
    const stream = new Events(response);
    const events = [await stream.next(), await stream.next(), await stream.next()];
    expect(events.slice(0, 2)).toMatchObject([1, 2].map((progress) => ({ method: 'notifications/progress', params: { progressToken: 'mine', progress, total: 2, message: `step ${progress}` } })));
    expect(events.at(-1)).toMatchObject({ id: 7, result: { isError: true, content: [{ text: 'no such page' }, { type: 'resource_link', uri: 'wiki://x', name: 'x' }] } });
    server.answer = ({ method, id }, answer) => method === 'tools/call' && (answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: 'the wiki is read-only' } })), true);
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('MCP server "wiki" answered: the wiki is read-only');
    server.answer = () => false;
  });

  it('is told when its caller no longer waits', async () => {
    let hasClosed = false;
    const before = server.of('tools/call').length;
    server.answer = ({ method }, response) => {
      if (method !== 'tools/call') return false;
      openEvents(response).flushHeaders();
      response.on('close', () => {
        hasClosed = true;
      });
      return true;
    };
    const waiting = gateway.call(await gateway.token(), 'wiki_search', { query: 'x' }, 'cancel-me');
    await until(() => server.of('tools/call').length > before);
    await gateway.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'cancel-me' } }, { token: await gateway.token() });
    expect((await waiting).result).toMatchObject({ isError: true });
    await until(() => hasClosed);
    if (era !== 'modern') await until(() => server.of('notifications/cancelled').length > 0);
    server.answer = () => false;
  });

  it('takes nothing away while it is down, and says so', async () => {
    const before = await toolsOf(gateway);
    server.answer = (_, response) => (response.writeHead(503).end(), true);
    await readServersAgain(gateway);
    expect(await toolsOf(gateway)).toEqual(before);
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toContain('MCP server "wiki" answered 503');
    server.answer = () => false;
  });

  it('gets another token once when it refuses one, for what only reads', async () => {
    let refused = 0;
    server.answer = ({ method, headers }, response) => {
      if (method !== 'tools/call' || refused > 0 || headers.authorization === undefined) return false;
      refused += 1;
      response.writeHead(401).end();
      return true;
    };
    expect(await textOf(gateway, 'wiki_search', { query: 'x' }, { sub: 'renewed' })).toBe('hello renewed');
    refused = 0;
    expect(await textOf(gateway, 'wiki_write', {}, { sub: 'renewed' })).toContain('answered 401');
    server.answer = () => false;
  });
});

describe('a server that wants to know who reads its lists', () => {
  it('is read with the credential of its own for that, and called with the user\'s', async () => {
    const server = await FakeMcpServer.start();
    server.answer = ({ headers }, response) => headers.authorization === undefined && (response.writeHead(401).end(), true);
    const discovery = { type: 'client-credentials', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'wiki-server' };
    const gateway = await startFederation({ wiki: server }, { discovery });
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('hello alice');
    expect(subjectOf(server.of('tools/list')[0]!.headers)).toBe('gatehouse');
    await gateway.apply((settings) => {
      (settings['servers'] as Settings[]).push({ ...(settings['servers'] as Settings[])[0], name: 'closed', discovery: undefined });
    });
    await readServersAgain(gateway);
    const rows = await gateway.app.get(TenantDatabase).withTenant(gateway.app.get(TenantRegistry).find('acme')!, (manager) => manager.query<{ failure: string }[]>(`SELECT failure FROM api_sources WHERE api = 'closed'`));
    expect(rows[0]?.failure).toBe('MCP server "closed" answered 401; its discovery credential has to let Gatehouse read its lists');
    expect(await namesOf(gateway)).toContain('wiki_search');
    await gateway.stop();
    await server.stop();
  });

  it('that speaks HTTP+SSE of 2024-11-05 only is refused with the reason', async () => {
    const server = await FakeMcpServer.start();
    server.answer = (_, response) => (response.writeHead(405).end(), true);
    const gateway = await startFederation({ wiki: server });
    const rows = await gateway.app.get(TenantDatabase).withTenant(gateway.app.get(TenantRegistry).find('acme')!, (manager) => manager.query<{ failure: string }[]>(`SELECT failure FROM api_sources WHERE api = 'wiki'`));
    expect(rows[0]?.failure).toContain('HTTP+SSE of 2024-11-05 is not spoken to other servers');
    await gateway.stop();
    await server.stop();
  });

  it('is one for all replicas: what one has read the others have, and its changes too', async () => {
    const server = await FakeMcpServer.start('2025-11-25');
    const gateway = await startFederation({ wiki: server });
    const read = server.of('tools/list').length;
    const replica = await gateway.replica();
    const token = await gateway.token();
    const listed = await fetch(`${replica.url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) });
    expect(await listed.text()).toContain('wiki_search');
    expect(server.of('tools/list')).toHaveLength(read);
    await replica.stop();
    await gateway.stop();
    await server.stop();
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

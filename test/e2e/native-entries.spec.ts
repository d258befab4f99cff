import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { Events } from '../tools/events.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { modernRequest } from '../tools/modern.js';
import { Notes, NotesModule } from '../tools/native-notes.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    modules: [NotesModule],
    change: (settings) => {
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
      settings['policy'] = { roles: { admin: ['notes.garbage', 'notes.plan', 'notes.secret'] } };
      settings['toolsets'] = [{ name: 'reading', tenant: 'acme', include: ['notes.note'] }];
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.app.get(Notes, { strict: false }).calls = 0;
});

interface Answer {
  readonly status: number;
  readonly result: Record<string, unknown> | undefined;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined;
}

async function ask(method: string, params: Record<string, unknown> = {}, claims: object = {}, path = '/mcp'): Promise<Answer> {
  const token = await gateway.token({ aud: gateway.url + path, ...claims });
  const response = await gateway.post({ jsonrpc: '2.0', id: 1, method, params }, { token, path });
  const { result, error } = (await response.json()) as Answer;
  return { status: response.status, result, error };
}
const call = (name: string, args = {}, claims = {}) => ask('tools/call', { name, arguments: args }, claims);
const namesOf = (list: unknown): unknown[] => (list as { name: string }[]).map(({ name }) => name);
const audit = async () => readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });

describe('tools that are written in TypeScript', () => {
  it('are listed beside those of APIs, with the schema of their input', async () => {
    const { tools } = (await ask('tools/list')).result as { tools: { name: string }[] };
    expect(namesOf(tools)).toEqual(expect.arrayContaining(['notes_add', 'items_getItem']));
    expect(tools.find(({ name }) => name === 'notes_add')).toEqual({
      name: 'notes_add',
      title: 'Add a note',
      description: 'Keeps a note.',
      inputSchema: { type: 'object', properties: { text: { type: 'string', minLength: 1 }, count: expect.objectContaining({ type: 'integer' }) }, required: ['text'], additionalProperties: false },
      annotations: { destructiveHint: false },
    });
  });

  it('know who calls, and are on record as any other', async () => {
    expect((await call('notes_add', { text: 'hello' }, { sub: 'nora' })).result).toMatchObject({ structuredContent: { text: 'hello', by: 'nora', tenant: 'acme' } });
    const rows = (await audit()).filter(({ tool, subject }) => tool === 'notes_add' && subject === 'nora');
    expect(rows.map(({ kind, result, api }) => [kind, result, api]).toSorted()).toEqual([['intent', null, 'notes'], ['outcome', 'success', 'notes']]);
  });

  it.each([[{}], [{ text: '' }], [{ text: 'x', count: 1.5 }], [{ text: 'x', more: 1 }], [{ text: { $ne: 1 } }]])('refuse arguments that do not fit, and are not run: %j', async (args) => {
    const { result } = await call('notes_add', args);
    expect(result).toMatchObject({ isError: true });
    expect(gateway.app.get(Notes, { strict: false }).calls).toBe(0);
  });

  it('need the scopes that they name: 403 with the challenge', async () => {
    expect((await call('notes_add', { text: 'x' }, { scope: 'items:read' })).status).toBe(403);
    expect(gateway.app.get(Notes, { strict: false }).calls).toBe(0);
  });

  it.each([
    ['notes_fails', /^internal error; request /],
    ['notes_large', /the result of notes_large is too large/],
    ['notes_garbage', /notes_garbage brought no result/],
  ])('that do wrong are a tool error that says nothing of the inside: %s', async (name, text) => {
    const { result } = await call(name, {}, { groups: ['admin'] });
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(text) }] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('end when their client cancels', async () => {
    const waiting = call('notes_waits');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await gateway.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, { token: await gateway.token({ aud: `${gateway.url}/mcp` }) });
    expect((await waiting).result).toMatchObject({ isError: true });
  });

  it('that ask for more say so in words to a legacy client', async () => {
    expect((await call('notes_delete_all')).result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('asks its user for something') }] });
  });
});

describe('resources and prompts that are written in TypeScript', () => {
  it('are listed, read and completed as the caller', async () => {
    expect(namesOf((await ask('resources/templates/list')).result?.['resourceTemplates'])).toEqual(['notes_note', 'notes_scan']);
    expect((await ask('resources/read', { uri: 'notes://a%20b' }, { sub: 'nora' })).result).toEqual({ contents: [{ uri: 'notes://a%20b', mimeType: 'text/plain', text: 'a b of nora' }] });
    expect((await ask('completion/complete', { ref: { type: 'ref/resource', uri: 'notes://{id}' }, argument: { name: 'id', value: 'x' } }, { sub: 'nora' })).result).toEqual({ completion: { values: ['x-of-nora'], total: 1, hasMore: false } });
    expect((await ask('prompts/get', { name: 'notes_plan', arguments: { day: 'Monday' } }, { groups: ['admin'] })).result).toEqual({ messages: [{ role: 'user', content: { type: 'text', text: 'Plan Monday.' } }] });
  });

  it('may be bytes, bounded as what is sent', async () => {
    const { contents } = (await ask('resources/read', { uri: 'notes:scan/2000000' })).result as { contents: { blob: string }[] };
    expect(Buffer.from(contents[0]?.blob ?? '', 'base64')).toHaveLength(2_000_000);
    expect((await ask('resources/read', { uri: 'notes:scan/12000000' })).error?.message).toBe('the result of notes_scan is too large');
  });

  it('that a role reserves do not exist for others, in a list or by name, and the denial is on record', async () => {
    expect(namesOf((await ask('resources/list')).result?.['resources'])).toEqual([]);
    expect(namesOf((await ask('resources/list', {}, { groups: ['admin'] })).result?.['resources'])).toEqual(['notes_secret']);
    expect((await ask('prompts/list')).result?.['prompts']).toEqual([]);
    const hidden = [await ask('resources/read', { uri: 'notes:secret' }), await ask('resources/read', { uri: 'notes:nothing' })];
    expect(hidden.map(({ error }) => [error?.code, error?.message])).toEqual([[-32602, 'there is no such resource'], [-32602, 'there is no such resource']]);
    expect((await ask('prompts/get', { name: 'notes_plan', arguments: { day: 'x' } })).error).toEqual({ code: -32602, message: 'there is no such prompt' });
    expect((await audit()).filter(({ tool, decision }) => decision === 'unknown_entry' && ['notes:secret', 'notes_plan'].includes(String(tool)))).toHaveLength(2);
  });

  it('need their scopes: 403 before the answer begins', async () => {
    expect((await ask('resources/read', { uri: 'notes:secret' }, { groups: ['admin'], scope: 'items:read' })).status).toBe(403);
  });

  it.each([[{}], [{ day: 'x', more: 'y' }], [{ day: 1 }]])('refuse arguments of a prompt that do not fit: %j', async (args) => {
    expect((await ask('prompts/get', { name: 'notes_plan', arguments: args }, { groups: ['admin'] })).error?.code).toBe(-32602);
  });

  it.each(['notes://a/b', 'notes://a?b', 'notes://%', 'notes://', 'other://a', ''])('do not match another address: %j', async (uri) => {
    expect((await ask('resources/read', { uri })).error).toEqual({ code: -32602, message: 'there is no such resource', data: { uri } });
  });

  it('are those of the toolset where its address is called', async () => {
    const path = '/mcp/sets/reading';
    expect(namesOf((await ask('resources/templates/list', {}, {}, path)).result?.['resourceTemplates'])).toEqual(['notes_note']);
    expect((await ask('prompts/list', {}, { groups: ['admin'] }, path)).result?.['prompts']).toEqual([]);
    expect((await ask('tools/list', {}, {}, path)).result?.['tools']).toEqual([]);
  });
});

describe('a resource that changes', () => {
  const headersOf = async (claims: object, more = {}) => ({ accept: 'application/json, text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${await gateway.token({ aud: `${gateway.url}/mcp`, ...claims })}`, ...more });
  const listen = async (sub: string, uris: readonly string[], url = gateway.url) => {
    const { body, headers } = modernRequest('s', 'subscriptions/listen', { notifications: { resourceSubscriptions: uris } });
    return new Events(await fetch(`${url}/mcp`, { method: 'POST', headers: await headersOf({ sub }, headers), body: JSON.stringify(body) }));
  };
  const touch = (id: string, own: boolean, sub: string, tenant = 'acme') => call('notes_touch', { id, own }, { sub, tenant });
  const updated = (uri: string) => ({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: expect.objectContaining({ uri }) });

  it('is told to who listens for it and may read it, at any replica, and to nobody else', async () => {
    const replica = await gateway.replica();
    const alice = await listen('alice', ['notes://1', 'notes://2', 'notes:secret', 'other://1']);
    const bob = await listen('bob', ['notes://1'], replica.url);
    try {
      expect((await alice.next())?.params?.['notifications']).toEqual({ resourceSubscriptions: ['notes://1', 'notes://2'] });
      await bob.next();
      await touch('1', false, 'carol');
      expect([await alice.next(), await bob.next()]).toEqual([updated('notes://1'), updated('notes://1')]);
      // One user's own, and another tenant's of the same address.
      await touch('1', true, 'bob');
      expect(await bob.next()).toEqual(updated('notes://1'));
      await touch('1', false, 'alice', 'globex');
      await touch('3', false, 'alice');
      expect([await alice.next(700), await bob.next(100)]).toEqual([undefined, undefined]);
    } finally {
      await Promise.all([alice.close(), bob.close()]);
      await replica.stop();
    }
  });

  it('is told to a legacy client while it is subscribed', async () => {
    const headers = { 'mcp-session-id': 'one' };
    const post = async (method: string, params: object, more = headers) => (await (await fetch(`${gateway.url}/mcp`, { method: 'POST', headers: await headersOf({ sub: 'lena' }, more), body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json()) as Answer;
    const stream = new Events(await fetch(`${gateway.url}/mcp`, { headers: await headersOf({ sub: 'lena' }, headers) }));
    try {
      expect((await post('resources/subscribe', { uri: 'notes://7' })).result).toEqual({});
      expect((await post('resources/subscribe', { uri: 'notes:secret' })).error?.code).toBe(-32602);
      // Another program of the same user is another client.
      await post('resources/subscribe', { uri: 'notes://8' }, { 'mcp-session-id': 'two' });
      await touch('8', false, 'lena');
      await touch('7', false, 'lena');
      expect(await stream.next()).toEqual(updated('notes://7'));
      expect((await post('resources/unsubscribe', { uri: 'notes://7' })).result).toEqual({});
      await touch('7', false, 'lena');
      expect(await stream.next(700)).toBeUndefined();
    } finally {
      await stream.close();
    }
  });
});

describe('a modern client', () => {
  it('is told by -32021 what it would have to be able to do', async () => {
    const { body, headers } = modernRequest(1, 'tools/call', { name: 'notes_delete_all', arguments: {} });
    const response = await gateway.post(body, { token: await gateway.token({ aud: `${gateway.url}/mcp` }), headers });
    expect(((await response.json()) as Answer).error).toMatchObject({ code: -32021, data: { requiredCapabilities: { elicitation: {} } } });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { check } from '../../src/cli/check.command.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

const example = resolve(import.meta.dirname, '../../examples/native-tools/notes.mts');

/** What a file can do besides the example: ask an API, keep a value, and everything that goes wrong. */
const PROBE = `
export default ({ defineEntries, tool, Refused, z }) =>
  defineEntries('probe', [
    tool({ name: 'fetch', description: 'Asks an API.', input: z.strictObject({ api: z.string(), path: z.string(), method: z.string().optional(), headers: z.record(z.string(), z.string()).optional(), body: z.string().optional() }) },
      async ({ api, path, ...request }, call) => {
        const answer = await call.fetch(api, path, request);
        return { status: answer.status, text: await answer.text() };
      }),
    tool({ name: 'count', description: 'Counts.', input: z.strictObject({ ttl: z.number(), forget: z.boolean().optional() }) }, async ({ ttl, forget }, { cache }) => {
      if (forget) await cache.delete('count');
      const count = Number((await cache.get('count')) ?? 0) + 1;
      await cache.set('count', count, ttl);
      return { count };
    }),
    tool({ name: 'sql', description: 'Any statement.', input: z.strictObject({ sql: z.string() }) }, async ({ sql }, call) => ({ rows: await call.database((query) => query(sql)) })),
    tool({ name: 'undone', description: 'Writes, then fails.' }, (_, call) => call.database(async (query) => {
      await query("INSERT INTO notes_notes (title, text) VALUES ('undone', '')");
      throw new Refused('I changed my mind');
    })),
  ]);
`;

/** The guide's server, with the SDK found from here. */
const CRM = `
import { McpServer } from ${JSON.stringify(createRequire(import.meta.filename).resolve('@modelcontextprotocol/server'))};
export default ({ mountServer }) =>
  mountServer('crm', ({ caller }) => {
    const server = new McpServer({ name: 'crm', version: '1.0.0' });
    server.registerTool('who', { description: 'Says who asks.' }, () => ({ content: [{ type: 'text', text: caller.subject }] }));
    return server;
  }, { scopes: { 'crm.who': 'items:read' } });
`;

let gateway: TestGateway;
let folder: string;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-modules-'));
  writeFileSync(join(folder, 'probe.mjs'), PROBE);
  writeFileSync(join(folder, 'crm.mjs'), CRM);
  gateway = await startGateway({ change: (settings) => (settings['modules'] = [`file:${example}`, `file:${join(folder, 'probe.mjs')}`, `file:${join(folder, 'crm.mjs')}`]) });
  for (const [sub, tenant] of [['alice', 'acme'], ['dave', 'acme'], ['bob', 'globex']] as const) tokens[sub] = await gateway.token({ sub, tenant });
});
afterAll(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = async (user: string, tool: string, args: object = {}) => (await gateway.call(tokens[user] ?? '', tool, args)).result;
const made = async (user: string, tool: string, args: object = {}) => (await call(user, tool, args))?.structuredContent ?? {};
const ask = async (user: string, method: string, params: object) => (await gateway.post({ jsonrpc: '2.0', id: 1, method, params }, { token: tokens[user] })).json() as Promise<{ result?: Record<string, unknown>; error?: { code: number; message: string } }>;

describe("the guide's example", () => {
  it('keeps, finds and reads a note, in the tenant, as its owner', async () => {
    const note = await made('alice', 'notes_add', { title: 'Chairs', text: 'Oak chairs are sold out until May.' });
    expect(note).toMatchObject({ title: 'Chairs', uri: expect.stringMatching(/^notes:\/\//) });
    expect(await made('alice', 'notes_search', { words: 'oak' })).toEqual({ notes: [{ id: note['id'], title: 'Chairs' }] });
    expect((await ask('alice', 'resources/read', { uri: note['uri'] })).result).toMatchObject({ contents: [{ uri: note['uri'], mimeType: 'text/plain', text: 'Chairs\n\nOak chairs are sold out until May.' }] });
    expect((await ask('alice', 'prompts/get', { name: 'notes_summarise', arguments: { subject: 'chairs' } })).result).toMatchObject({ messages: [{ role: 'user' }] });
  });

  it.each(['dave', 'bob'])("shows no row of alice's to %s, of her tenant or another", async (user) => {
    const { uri } = await made('alice', 'notes_add', { title: 'Salary', text: 'A secret of alice' });
    expect(await made(user, 'notes_search', { words: 'secret' })).toEqual({ notes: [] });
    expect((await ask(user, 'resources/read', { uri })).error).toEqual({ code: -32602, message: 'there is no such resource' });
  });

  it.each(["x'; DROP TABLE notes_notes; --", '\u0000', "' OR 1=1 --", '$1'])('takes SQL in a text for a text: %j', async (words) => {
    await call('alice', 'notes_search', { words });
    expect(await made('alice', 'notes_add', { title: 'still', text: "it's here" })).toMatchObject({ title: 'still' });
  });
});

describe("a module's statements", () => {
  it.each(["SELECT title FROM notes_notes", "SELECT title FROM notes_notes WHERE subject = 'alice'", "UPDATE notes_notes SET subject = 'dave' WHERE true RETURNING title", 'DELETE FROM notes_notes RETURNING title'])("reach nobody else's rows: %s", async (sql) => {
    await made('alice', 'notes_add', { title: 'of alice', text: '' });
    expect(JSON.stringify(await made('dave', 'probe_sql', { sql }))).not.toContain('alice');
    expect(JSON.stringify(await made('alice', 'notes_search', { words: 'alice' }))).toContain('of alice');
  });

  it.each(["INSERT INTO notes_notes (title, text, subject, issuer) SELECT 'planted', '', 'alice', current_setting('app.issuer')", 'SELECT * FROM gatehouse.api_keys', 'INSERT INTO audit DEFAULT VALUES', 'CREATE TABLE notes_more (x int)'])('are refused outside the walls: %s', async (sql) => {
    expect(await call('dave', 'probe_sql', { sql })).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^internal error; request /) }] });
  });

  it('are undone with the handler that fails, whose own words its user reads', async () => {
    expect(await call('alice', 'probe_undone')).toMatchObject({ isError: true, content: [{ text: 'I changed my mind' }] });
    expect(await made('alice', 'notes_search', { words: 'undone' })).toEqual({ notes: [] });
  });
});

describe("a module's requests", () => {
  it("go to an API as the caller, with a token exchanged for it and nothing of the client's", async () => {
    gateway.upstream.requests.length = 0;
    expect(await made('alice', 'probe_fetch', { api: 'items', path: '/items/7?verbose=1' })).toMatchObject({ status: 200 });
    const [request] = gateway.upstream.requests;
    expect(request).toMatchObject({ method: 'GET', path: '/v1/items/7', query: 'verbose=1' });
    expect(JSON.stringify(request)).not.toContain(tokens['alice']);
    expect(decodeJwt(String(request?.headers['authorization']).replace('Bearer ', ''))).toMatchObject({ sub: 'alice', aud: 'items-api' });
  });

  it.each([
    ['another API', { api: 'nothing', path: '/' }, /there is no API "nothing" here/],
    ['a path above the base', { api: 'items', path: '/../admin' }, /has a "." or ".." path segment/],
    ['a path that is encoded', { api: 'items', path: '/%2e%2e/admin' }, /has a "." or ".." path segment/],
    ['another host', { api: 'items', path: '@evil.example/' }, /does not begin with "\/"/],
    ['a header of the gateway', { api: 'items', path: '/items/1', headers: { Authorization: 'Bearer mine' } }, /the header Authorization is not a handler's to set/],
    ['a cookie', { api: 'items', path: '/items/1', headers: { cookie: 'a=b' } }, /the header cookie is not/],
  ])('go nowhere else: %s', async (_, args, text) => {
    gateway.upstream.requests.length = 0;
    expect(await call('alice', 'probe_fetch', args)).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(text) }] });
    expect(gateway.upstream.requests).toEqual([]);
  });
});

describe("the token of a module's request", () => {
  afterEach(() => {
    gateway.issuer.grantedScope = undefined;
  });

  it('is not used when it can do more than the caller may', async () => {
    gateway.issuer.grantedScope = 'items:read items:write';
    gateway.upstream.requests.length = 0;
    const reader = await gateway.token({ sub: 'rita', scope: 'items:read' });
    expect((await gateway.call(reader, 'probe_fetch', { api: 'items', path: '/items/1' })).result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('was granted more than was asked for (items:write)') }] });
    expect(gateway.upstream.requests).toEqual([]);
  });
});

describe('a server that a module mounts', () => {
  it.each(['alice', 'bob'])('is made for %s, and its tool is behind the scopes of its settings', async (user) => {
    expect(await call(user, 'crm_who')).toMatchObject({ content: [{ text: user }] });
    const bare = await gateway.token({ sub: user, tenant: user === 'bob' ? 'globex' : 'acme', scope: 'openid' });
    expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'crm_who', arguments: {} } }, { token: bare })).status).toBe(403);
  });
});

describe("a module's cache", () => {
  it('keeps what each user put there, for its time, until it is deleted', async () => {
    expect([await made('alice', 'probe_count', { ttl: 60_000 }), await made('alice', 'probe_count', { ttl: 1 }), await made('dave', 'probe_count', { ttl: 60_000 }), await made('bob', 'probe_count', { ttl: 60_000 })]).toEqual([{ count: 1 }, { count: 2 }, { count: 1 }, { count: 1 }]);
    expect(await made('alice', 'probe_count', { ttl: 60_000 })).toEqual({ count: 1 });
    expect(await made('alice', 'probe_count', { ttl: 60_000, forget: true })).toEqual({ count: 1 });
  });
});

describe('a file that is of no use', () => {
  it.each([
    ['is not there', undefined, /modules\[0\].*cannot be loaded/],
    ['does not parse', 'export default (', /cannot be loaded/],
    ['exports nothing', 'export const x = 1;', /has no default export that is a function/],
    ['fails', "export default () => { throw new Error('no'); }", /makes no entries \(no\)/],
    ['makes something else', 'export default () => ({})', /must return what defineEntries or mountServer gives/],
  ])('is refused by name before anything is changed: it %s', async (_, text, message) => {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
    if (text !== undefined) writeFileSync(file, text);
    const settings = join(folder, 'gatehouse.yaml');
    writeFileSync(settings, JSON.stringify({ publicUrls: ['http://localhost:1'], database: { embedded: true }, environment: 'development', providers: { corp: { preset: 'oidc', issuer: 'https://sso.acme.example' } }, tenants: { acme: { rules: [{ provider: 'corp' }] } }, modules: [`file:${file}`] }));
    await expect(check({ config: settings, apply: false, environment: {} })).rejects.toThrow(message);
  });

  it.each([
    ['a migration that was edited', "['CREATE TABLE notes_notes (x int)']", /modules: migration 1 of "notes" was changed after it had run/, 'notes'],
    ['a table without its name', "['CREATE TABLE other (x int)']", /makes the table "other"; tables of this group are named "mine_…"/, 'mine'],
    ["a group whose tables would be the gateway's own", "['CREATE TABLE data_x (x int)']", /"data" cannot have tables here: "data_keys" is there already/, 'data'],
    ["a group whose tables would be another one's", "['CREATE TABLE notes_more_x (x int)']", /"notes_more" cannot have tables/, 'notes_more'],
  ])('applies nothing: %s', async (_, migrations, message, group) => {
    const file = join(folder, `${group}.mjs`);
    writeFileSync(file, `export default ({ defineEntries }) => defineEntries('${group}', [], { migrations: ${migrations} });`);
    await expect(gateway.apply((settings) => (settings['modules'] = [`file:${file}`]))).rejects.toThrow(message);
    expect(await made('alice', 'notes_add', { title: 'goes on', text: '' })).toMatchObject({ title: 'goes on' });
  });
});

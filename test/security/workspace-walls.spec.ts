import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { Events } from '../tools/events.js';
import { modernRequest } from '../tools/modern.js';
import { TestWorkspace, textOf } from '../tools/workspace.js';

/** In acme, alice and dave; bob in globex. All that is alice's has this word in it. */
const MARK = 'zugspitze';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const NOT_THERE = { code: -32602, message: 'there is no such resource' };

let workspace: TestWorkspace;
const own: Record<'project' | 'todo' | 'document' | 'attachment', string> = { project: '', todo: '', document: '', attachment: '' };

beforeAll(async () => {
  workspace = await TestWorkspace.start({ megabytesPerUser: 1 });
  const make = async (tool: string, args: object) => String((await workspace.made('alice', tool, args))['id']);
  own.project = await make('create_project', { title: `Project ${MARK}`, description: MARK });
  own.todo = await make('add_todo', { title: `Todo ${MARK}`, notes: MARK, project: own.project });
  own.document = await make('write_document', { title: `Document ${MARK}`, text: MARK, project: own.project });
  own.attachment = await make('attach', { document: own.document, name: `${MARK} 1.png`, mediaType: 'image/png', data: PIXEL });
});
afterAll(() => workspace?.stop());

const uris = () => [`workspace://projects/${own.project}`, `workspace://documents/${own.document}`, `workspace://attachments/${own.attachment}`];
/** All that alice has, to be the same behind an attack. */
const everything = async () => [
  await workspace.made('alice', 'get_project', { project: own.project }),
  await workspace.made('alice', 'list_todos', { project: own.project }),
  await workspace.made('alice', 'read_document', { document: own.document }),
  (await workspace.call('alice', 'read_attachment', { attachment: own.attachment })).content,
];

describe.each(['dave', 'bob'])("alice's rows are not there for %s", (user) => {
  it('in lists and searches', async () => {
    for (const tool of ['list_projects', 'list_todos', 'list_documents']) expect(await workspace.made(user, tool)).toEqual({ items: [] });
    for (const words of [MARK, 'project or todo or document', '-nothing']) expect(await workspace.made(user, 'search', { words })).toEqual({ items: [] });
    expect(await workspace.made(user, 'list_todos', { project: own.project })).toEqual({ items: [] });
  });

  it.each<[tool: string, args: () => object, kind: string]>([
    ['get_project', () => ({ project: own.project }), 'project'],
    ['update_project', () => ({ project: own.project, title: 'mine' }), 'project'],
    ['delete_project', () => ({ project: own.project }), 'project'],
    ['add_todo', () => ({ title: 'mine', project: own.project }), 'project'],
    ['update_todo', () => ({ todo: own.todo, done: true }), 'todo'],
    ['delete_todo', () => ({ todo: own.todo }), 'todo'],
    ['write_document', () => ({ title: 'mine', text: '', project: own.project }), 'project'],
    ['write_document', () => ({ document: own.document, text: 'mine' }), 'document'],
    ['read_document', () => ({ document: own.document }), 'document'],
    ['delete_document', () => ({ document: own.document }), 'document'],
    ['attach', () => ({ document: own.document, name: 'mine.png', mediaType: 'image/png', data: PIXEL }), 'document'],
    ['continue_attachment', () => ({ attachment: own.attachment, offset: 70, data: 'AAAA' }), 'attachment'],
    ['read_attachment', () => ({ attachment: own.attachment }), 'attachment'],
    ['delete_attachment', () => ({ attachment: own.attachment }), 'attachment'],
  ])('by their ids, with the answer for what never was: %s', async (tool, args, kind) => {
    const before = await everything();
    expect(await workspace.refusal(user, tool, args())).toBe(`there is no such ${kind}`);
    expect(await everything()).toEqual(before);
  });

  it('for todos and documents of their own that are moved there', async () => {
    const { id: todo } = await workspace.made(user, 'add_todo', { title: 'mine' });
    const { id: document } = await workspace.made(user, 'write_document', { title: 'mine', text: '' });
    expect(await workspace.refusal(user, 'update_todo', { todo, project: own.project })).toBe('there is no such project');
    expect(await workspace.refusal(user, 'write_document', { document, text: '', project: own.project })).toBe('there is no such project');
    await workspace.call(user, 'delete_todo', { todo });
    await workspace.call(user, 'delete_document', { document });
  });

  it('for a statement that points a row of their own there: the foreign key has the user in it', async () => {
    const app = workspace.gateway.app;
    const tenant = app.get(TenantRegistry).find(user === 'bob' ? 'globex' : 'acme');
    const insert = (project: unknown) =>
      app.get(TenantDatabase).withUser(tenant!, { issuer: workspace.gateway.issuer.url, subject: user }, (manager) => manager.query("INSERT INTO workspace_todos (title, notes, project) VALUES ('pointing', '', $1) RETURNING id", [project]));
    const [todo] = (await insert(null)) as { id: string }[];
    await expect(insert(own.project)).rejects.toThrow(/foreign key/);
    await workspace.call(user, 'delete_todo', { todo: todo?.id });
  });

  it('as resources', async () => {
    for (const uri of uris()) {
      expect((await workspace.ask('alice', 'resources/read', { uri })).error).toBeUndefined();
      expect((await workspace.ask(user, 'resources/read', { uri })).error).toEqual(NOT_THERE);
    }
  });

  it('in completions', async () => {
    const asked = [
      ...['projects', 'documents', 'attachments'].map((kind) => [{ type: 'ref/resource', uri: `workspace://${kind}/{id}` }, 'id', ''] as const),
      [{ type: 'ref/prompt', name: 'workspace_plan_project' }, 'project', MARK] as const,
      [{ type: 'ref/prompt', name: 'workspace_summarise_documents' }, 'query', MARK] as const,
    ];
    for (const [ref, name, value] of asked) {
      expect(await workspace.complete('alice', ref, name, value)).toHaveLength(1);
      expect(await workspace.complete(user, ref, name, value)).toEqual([]);
    }
  });

  it('in prompts', async () => {
    expect((await workspace.ask(user, 'prompts/get', { name: 'workspace_plan_project', arguments: { project: `Project ${MARK}` } })).error?.message).toBe('there is no such project');
    expect((await workspace.ask(user, 'prompts/get', { name: 'workspace_summarise_documents', arguments: { query: MARK } })).error?.message).toBe('no document of yours has these words');
  });

  it('in news of what has changed', async () => {
    const listen = async (who: string) => {
      const { body, headers } = modernRequest('s', 'subscriptions/listen', { notifications: { resourceSubscriptions: uris() } });
      const stream = new Events(await workspace.gateway.post(body, { token: await workspace.token(who), headers }));
      await stream.next();
      return stream;
    };
    const [mine, theirs] = [await listen('alice'), await listen(user)];
    try {
      await workspace.made('alice', 'update_project', { project: own.project, title: `Project ${MARK}` });
      expect(await mine.next()).toMatchObject({ method: 'notifications/resources/updated', params: { uri: uris()[0] } });
      expect(await theirs.next(700)).toBeUndefined();
    } finally {
      await Promise.all([mine.close(), theirs.close()]);
    }
  });
});

const SQL = [`x'; DROP TABLE workspace_projects CASCADE; --`, `' OR '1'='1`, `$1') OR true --`, `"; RESET ROLE; --`, `\\'; SELECT pg_sleep(9) --`, `%' UNION SELECT id, title FROM workspace_documents --`];

describe.each(SQL)('SQL is only text: %s', (sql) => {
  const theirs: typeof own = { project: '', todo: '', document: '', attachment: '' };
  beforeAll(async () => {
    const make = async (tool: string, args: object) => String((await workspace.made('dave', tool, args))['id']);
    theirs.project = await make('create_project', { title: 'x' });
    theirs.todo = await make('add_todo', { title: 'x' });
    theirs.document = await make('write_document', { title: 'x', text: 'x' });
    theirs.attachment = await make('attach', { document: theirs.document, name: 'x', mediaType: 'image/png', data: PIXEL });
  });

  /** Arguments that fit; the texts among them are taken one by one. */
  const tools = (): Record<string, Record<string, unknown>> => ({
    create_project: { title: 'x', description: 'x' },
    list_projects: { limit: 5 },
    get_project: { project: theirs.project },
    update_project: { project: theirs.project, title: 'x', description: 'x' },
    delete_project: { project: theirs.project },
    add_todo: { title: 'x', notes: 'x', due: '2027-01-01', project: theirs.project },
    list_todos: { project: theirs.project, dueBefore: '2027-01-01' },
    update_todo: { todo: theirs.todo, title: 'x', notes: 'x', due: '2027-01-01', project: theirs.project },
    delete_todo: { todo: theirs.todo },
    write_document: { document: theirs.document, title: 'x', text: 'x', project: theirs.project },
    read_document: { document: theirs.document },
    list_documents: { project: theirs.project },
    delete_document: { document: theirs.document },
    attach: { document: theirs.document, name: 'x', mediaType: 'image/png', data: PIXEL },
    continue_attachment: { attachment: theirs.attachment, offset: 70, data: 'AAAA' },
    read_attachment: { attachment: theirs.attachment },
    delete_attachment: { attachment: theirs.attachment },
    search: { words: 'x', kinds: ['todos'] },
  });
  /** Fields whose text is taken as it is; any other text is no id, day, name, type or base64. */
  const taken = ['create_project.title', 'create_project.description', 'update_project.title', 'update_project.description', 'add_todo.title', 'add_todo.notes', 'update_todo.title', 'update_todo.notes', 'write_document.title', 'write_document.text', 'search.words', ...(sql.includes('\\') ? [] : ['attach.name'])];

  it('in every text of every tool', async () => {
    const { tools: listed } = (await workspace.ask('alice', 'tools/list')).result as unknown as { tools: { name: string; inputSchema: { properties: Record<string, unknown> } }[] };
    const known = tools();
    expect(listed.map(({ name }) => name).filter((name) => name.startsWith('workspace_'))).toEqual(Object.keys(known).map((name) => `workspace_${name}`).toSorted());
    const seen: string[] = [];
    for (const { name, inputSchema } of listed.filter(({ name: one }) => one.startsWith('workspace_'))) {
      const tool = name.slice('workspace_'.length);
      for (const [field, schema] of Object.entries(inputSchema.properties)) {
        if (!JSON.stringify(schema).includes('"string"')) continue;
        const value = Array.isArray(known[tool]?.[field]) ? [sql] : sql;
        const result = await workspace.call('dave', tool, { ...known[tool], [field]: value });
        const place = `${tool}.${field}`;
        const said = result.isError ? textOf(result) : 'done';
        const expected = taken.includes(place) ? /^done$/ : new RegExp(`^(?:${field}[.0-9]*: |data is not base64)`);
        expect([place, said]).toEqual([place, expect.stringMatching(expected)]);
        seen.push(place);
      }
    }
    expect(seen).toEqual(expect.arrayContaining([...taken, 'attach.name', 'attach.mediaType', 'attach.data', 'search.kinds', 'add_todo.due']));
  });

  it('that is kept and found as it was written', async () => {
    const { id } = await workspace.made('dave', 'create_project', { title: sql, description: sql });
    const document = await workspace.made('dave', 'write_document', { title: sql, text: sql, project: id });
    expect(await workspace.made('dave', 'get_project', { project: id })).toMatchObject({ title: sql, description: sql, documents: [{ title: sql }] });
    expect(await workspace.made('dave', 'read_document', { document: document['id'] })).toMatchObject({ title: sql, text: sql });
    expect(await workspace.complete('dave', { type: 'ref/prompt', name: 'workspace_plan_project' }, 'project', sql)).toEqual([sql]);
    expect((await workspace.ask('dave', 'prompts/get', { name: 'workspace_plan_project', arguments: { project: sql } })).error).toBeUndefined();
    await workspace.ask('dave', 'prompts/get', { name: 'workspace_summarise_documents', arguments: { query: sql } });
    expect(await workspace.complete('dave', { type: 'ref/resource', uri: 'workspace://projects/{id}' }, 'id', sql)).toEqual([]);
    expect((await workspace.ask('dave', 'resources/read', { uri: `workspace://documents/${encodeURIComponent(sql).replaceAll("'", '%27')}` })).error).toEqual(NOT_THERE);
    await workspace.call('dave', 'delete_project', { project: id });
    await workspace.call('dave', 'delete_document', { document: document['id'] });
    expect(await workspace.made('alice', 'search', { words: MARK })).toMatchObject({ items: [{}, {}, {}, {}] });
  });
});

describe('an attachment is refused', () => {
  const attach = (change: object) => workspace.refusal('alice', 'attach', { document: own.document, name: 'a.png', mediaType: 'image/png', data: PIXEL, ...change });

  it.each(['../a.png', '..\\a.png', '..', '.', '/etc/passwd', 'a/b.png', 'C:\\a.png', 'C:a.png', '..%2fa.png', '%2e%2e%2f%2e%2e', '%252e%252e%252fa', 'a\u0000.png', 'a\n.png', '\u202Egnp.exe', 'a\u2066b', '\u200Fa', 'a\u{E0041}', 'a\u007F', ' ', '', 'x'.repeat(201), '\uD800'])('for its name: %j', async (name) => {
    expect(await attach({ name })).toMatch(/^name: /);
  });

  it.each(['', 'png', 'image/', '/png', 'image/png; a=b', 'image/png\r\nx: y', 'image/../png', 'text/html,<script>', `a/${'b'.repeat(65)}`, 'image/png/x', '*/*'])('for its type: %j', async (mediaType) => {
    expect(await attach({ mediaType })).toMatch(/^mediaType: /);
  });

  it.each(['', '=', 'AAA', 'AA==AA==', 'AA=A', '\u0000', '<svg>', 'AAAA\n', 'AB=='])('for what is not base64: %j', async (data) => {
    expect(await attach({ data })).toMatch(/^data(?: is not base64|: )/);
  });

  it('for its size: of a part, of a message', async () => {
    expect(await attach({ data: Buffer.alloc(2_500_003).toString('base64') })).toMatch(/^data(?:: | has more than 2500000 bytes)/);
    const large = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'workspace_attach', arguments: { document: own.document, name: 'a', mediaType: 'a/b', data: Buffer.alloc(10 * 1024 * 1024).toString('base64') } } };
    expect((await workspace.gateway.post(large, { token: await workspace.token('alice') })).status).toBe(413);
  });
});

describe('what an attachment says it is', () => {
  it.each([
    ['<script>alert(1)</script>', 'image/png'],
    ['<svg onload="alert(1)">', 'image/svg+xml'],
    ['<html>', 'text/html'],
    ['alert(1)', 'text/javascript'],
    ['MZ', 'audio/mpeg'],
  ])('is not believed: %s as %s', async (text, mediaType) => {
    const blob = Buffer.from(text).toString('base64');
    const { id, uri } = await workspace.made('alice', 'attach', { document: own.document, name: 'it', mediaType, data: blob });
    expect((await workspace.call('alice', 'read_attachment', { attachment: id })).content?.[1]).toEqual({ type: 'resource', resource: { uri, mimeType: 'application/octet-stream', blob } });
    expect((await workspace.ask('alice', 'resources/read', { uri })).result).toMatchObject({ contents: [{ mimeType: 'application/octet-stream', blob }] });
    await workspace.call('alice', 'delete_attachment', { attachment: id });
  });
});

/** Calls that have all written and not yet counted, as many as there are connections: none can be lucky. */
async function atOnce<T>(tenant: string, start: () => readonly Promise<T>[]): Promise<readonly T[]> {
  const holder = new Client({ connectionString: workspace.gateway.urls.adminUrl?.reveal() });
  await holder.connect();
  try {
    const schema = workspace.gateway.app.get(TenantRegistry).find(tenant)?.schema;
    await holder.query(`BEGIN; LOCK TABLE "${schema}".workspace_projects IN ACCESS EXCLUSIVE MODE`);
    const calls = Promise.all(start());
    const until = Date.now() + 8_000;
    while (Number((await holder.query('SELECT count(*) FROM pg_locks WHERE NOT granted')).rows[0]?.['count']) < 8 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    await holder.query('COMMIT');
    return await calls;
  } finally {
    await holder.end();
  }
}

describe('the quota of a user', () => {
  const PART = Buffer.alloc(200_000, 7).toString('base64');

  it('is passed by no number of parallel calls, and is free again behind a delete', async () => {
    const { id: document } = await workspace.made('bob', 'write_document', { title: 'Files', text: '' });
    const results = await atOnce('globex', () => Array.from({ length: 12 }, (_, index) => workspace.call('bob', 'attach', { document, name: `${index}`, mediaType: 'a/b', data: PART })));
    const refused = results.filter(({ isError }) => isError);
    expect(refused).toHaveLength(7);
    for (const { content } of refused) expect(content).toEqual([{ type: 'text', text: 'your workspace would have more than 1 MB: delete something first' }]);
    const kept = (await workspace.made('bob', 'read_document', { document }))['attachments'] as { id: string; size: number }[];
    expect(kept.map(({ size }) => size)).toEqual([200_000, 200_000, 200_000, 200_000, 200_000]);

    const grown = await Promise.all(kept.map(({ id }) => workspace.call('bob', 'continue_attachment', { attachment: id, offset: 200_000, data: Buffer.alloc(40_000).toString('base64') })));
    expect(grown.filter(({ isError }) => isError)).toHaveLength(4);
    expect(await workspace.refusal('bob', 'write_document', { title: 'x', text: 'x'.repeat(90_000) })).toMatch(/would have more than 1 MB/);
    // Another user has a quota of their own.
    expect(await workspace.made('alice', 'attach', { document: own.document, name: 'more', mediaType: 'a/b', data: PART })).toMatchObject({ size: 200_000 });

    await workspace.call('bob', 'delete_document', { document });
    expect(await workspace.made('bob', 'write_document', { title: 'x', text: 'x'.repeat(90_000) })).toMatchObject({ characters: 90_000 });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorkspace } from '../tools/workspace.js';

let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await TestWorkspace.start();
});
afterAll(() => workspace?.stop());

const made = (tool: string, args: object = {}) => workspace.made('alice', tool, args);
const read = async (uri: unknown) => (await workspace.ask('alice', 'resources/read', { uri })).result?.['contents'];

describe('the tools of the workspace', () => {
  it('are listed without search_similar where no endpoint makes vectors', async () => {
    const { tools } = (await workspace.ask('alice', 'tools/list')).result as unknown as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name).filter((name) => name.startsWith('workspace_'))).toEqual(
      ['add_todo', 'attach', 'continue_attachment', 'create_project', 'delete_attachment', 'delete_document', 'delete_project', 'delete_todo', 'get_project', 'list_documents', 'list_projects', 'list_todos', 'read_attachment', 'read_document', 'search', 'update_project', 'update_todo', 'write_document'].map((name) => `workspace_${name}`),
    );
  });

  it('keep a project: created, listed, read, changed, deleted with its todos, but not its documents', async () => {
    const project = await made('create_project', { title: 'Kitchen', description: 'New by May.' });
    expect(project).toMatchObject({ title: 'Kitchen', uri: `workspace://projects/${String(project['id'])}` });
    await made('add_todo', { title: 'Measure', project: project['id'] });
    const document = await made('write_document', { title: 'Offer', text: 'Oak.', project: project['id'] });
    expect((await made('list_projects'))['items']).toEqual([expect.objectContaining({ id: project['id'], title: 'Kitchen', todos: 1, done: 0 })]);
    expect(await made('update_project', { project: project['id'], title: 'The kitchen' })).toMatchObject({ title: 'The kitchen', description: 'New by May.' });
    expect(await made('get_project', { project: project['id'] })).toMatchObject({ title: 'The kitchen', todos: [{ title: 'Measure', done: false }], documents: [{ title: 'Offer' }] });
    expect((await workspace.call('alice', 'delete_project', { project: project['id'] })).content).toEqual([{ type: 'text', text: 'Deleted the project "The kitchen".' }]);
    expect(await workspace.refusal('alice', 'get_project', { project: project['id'] })).toBe('there is no such project');
    expect(await made('list_todos')).toEqual({ items: [] });
    expect(await made('read_document', { document: document['id'] })).toMatchObject({ project: null, text: 'Oak.' });
  });

  it('keep todos: added, filtered, completed, moved, deleted', async () => {
    const { id: project } = await made('create_project', { title: 'Garden' });
    const first = await made('add_todo', { title: 'Buy seeds', due: '2027-03-01', project });
    const second = await made('add_todo', { title: 'Dig', due: '2027-02-01' });
    expect(((await made('list_todos'))['items'] as { title: string }[]).map(({ title }) => title)).toEqual(['Dig', 'Buy seeds']);
    expect(await made('list_todos', { project })).toMatchObject({ items: [{ id: first['id'], due: '2027-03-01' }] });
    expect(await made('list_todos', { dueBefore: '2027-02-15' })).toMatchObject({ items: [{ id: second['id'] }] });
    expect(await made('update_todo', { todo: second['id'], done: true, due: null, project })).toMatchObject({ title: 'Dig', done: true, due: null, project });
    expect(await made('list_todos', { done: false })).toMatchObject({ items: [{ id: first['id'] }] });
    expect(await made('list_todos', { limit: 1 })).toMatchObject({ items: [{ id: first['id'] }], nextOffset: 1 });
    await workspace.call('alice', 'delete_todo', { todo: first['id'] });
    expect(await made('list_todos')).toMatchObject({ items: [{ id: second['id'] }] });
  });

  it('keep documents: written, listed, rewritten, found by their words, deleted', async () => {
    const document = await made('write_document', { title: 'Bread', text: 'Rye flour and water rest for one night.' });
    expect(await made('write_document', { document: document['id'], text: 'Rye flour, water and salt rest for one night.' })).toMatchObject({ title: 'Bread', version: 2 });
    expect((await made('list_documents'))['items']).toContainEqual(expect.objectContaining({ id: document['id'], title: 'Bread', characters: 45 }));
    await made('add_todo', { title: 'Buy flour' });
    expect(await made('search', { words: 'flour' })).toMatchObject({ items: [{ kind: 'todo', title: 'Buy flour' }, { kind: 'document', title: 'Bread', snippet: expect.stringContaining('Rye flour, water and salt'), uri: document['uri'] }] });
    expect(await made('search', { words: '"rest for one"', kinds: ['documents'] })).toMatchObject({ items: [{ id: document['id'] }] });
    expect(await made('search', { words: 'wheat' })).toEqual({ items: [] });
    await workspace.call('alice', 'delete_document', { document: document['id'] });
    expect(await made('search', { words: 'rye' })).toEqual({ items: [] });
  });

  it.each([
    ['write_document', { text: 'without a title' }, /title: a new document needs one/],
    ['create_project', { title: '' }, /title:/],
    ['create_project', { title: 'x'.repeat(201) }, /title:/],
    ['create_project', { title: 'line\nbreak' }, /title: has control characters or direction marks/],
    ['create_project', { title: 'abc\u202Efdp.exe' }, /title: has control characters or direction marks/],
    ['write_document', { title: 'x', text: 'x'.repeat(100_001) }, /text:/],
    ['write_document', { title: 'x', text: 'a\u0000b' }, /text: has NUL/],
    ['add_todo', { title: 'x', due: 'tomorrow' }, /due:/],
    ['add_todo', { title: 'x', due: '0000-01-01' }, /due: has no such year/],
    ['list_todos', { limit: 101 }, /limit:/],
    ['get_project', { project: '1' }, /project:/],
    ['get_project', { project: '00000000-0000-4000-8000-000000000000' }, /there is no such project/],
  ])('say what is wrong: %s %j', async (tool, args, message) => {
    expect(await workspace.refusal('alice', tool, args)).toMatch(message);
  });
});

describe('the resources of the workspace', () => {
  it('are the project with its todos and the document, as their owner', async () => {
    const project = await made('create_project', { title: 'Trip' });
    await made('add_todo', { title: 'Book', project: project['id'] });
    const document = await made('write_document', { title: 'Route', text: 'By *train*.' });
    const [{ text } = { text: '' }] = (await read(project['uri'])) as { text: string }[];
    expect(JSON.parse(text)).toMatchObject({ title: 'Trip', todos: [{ title: 'Book' }] });
    expect(await read(document['uri'])).toEqual([{ uri: document['uri'], mimeType: 'text/markdown', text: '# Route\n\nBy *train*.' }]);
    expect(await workspace.complete('alice', { type: 'ref/resource', uri: 'workspace://projects/{id}' }, 'id', String(project['id']).slice(0, 6))).toEqual([project['id']]);
  });

  it.each(['workspace://projects/1', 'workspace://documents/00000000-0000-4000-8000-000000000000', "workspace://documents/x'; DROP TABLE workspace_documents", 'workspace://documents/%00'])('that are not there are none: %s', async (uri) => {
    expect((await workspace.ask('alice', 'resources/read', { uri })).error).toEqual({ code: -32602, message: 'there is no such resource' });
  });
});

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const WAVE = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt '), Buffer.alloc(28)]).toString('base64');

describe('the attachments of the workspace', () => {
  const write = async () => String((await made('write_document', { title: 'With files', text: '' }))['id']);
  const attach = async (name: string, mediaType: string, data: string) => made('attach', { document: await write(), name, mediaType, data });
  const content = async (attachment: unknown) => (await workspace.call('alice', 'read_attachment', { attachment })).content;

  it.each([
    ['an image', 'pixel.png', 'image/png', PIXEL, { type: 'image', mimeType: 'image/png', data: PIXEL }],
    ['a sound', 'wave.wav', 'Audio/WAV', WAVE, { type: 'audio', mimeType: 'audio/wav', data: WAVE }],
    ['a blob', 'data.bin', 'application/zip', 'AP8QgA==', { type: 'resource', resource: { uri: expect.any(String), mimeType: 'application/zip', blob: 'AP8QgA==' } }],
  ])('come back with the same bytes: %s', async (_, name, mediaType, data, block) => {
    const { id, uri, size } = await attach(name, mediaType, data);
    expect(size).toBe(Buffer.from(data, 'base64').length);
    expect(await content(id)).toEqual([{ type: 'text', text: `${name}, ${String(size)} bytes` }, block]);
    expect(await read(uri)).toEqual([{ uri, mimeType: mediaType.toLowerCase(), blob: data }]);
  });

  it('of 10 MB come in parts, and back in parts or whole', async () => {
    const file = Buffer.from(Array.from({ length: 10 * 1024 * 1024 }, (__, index) => (index * 31) % 251));
    const { id, uri } = await attach('large.bin', 'application/octet-stream', file.subarray(0, 2_500_000).toString('base64'));
    for (let offset = 2_500_000; offset < file.length; offset += 2_500_000) await made('continue_attachment', { attachment: id, offset, data: file.subarray(offset, offset + 2_500_000).toString('base64') });
    const [whole] = (await read(uri)) as { blob: string }[];
    expect(Buffer.from(whole?.blob ?? '', 'base64').equals(file)).toBe(true);
    const [text, block] = (await workspace.call('alice', 'read_attachment', { attachment: id, offset: 5_000_000 })).content as { resource: { blob: string } }[];
    expect(text).toEqual({ type: 'text', text: 'large.bin, bytes 5000000 to 7499999 of 10485760; go on with offset 7500000' });
    expect(Buffer.from(block?.resource.blob ?? '', 'base64').equals(file.subarray(5_000_000, 7_500_000))).toBe(true);
    expect(await workspace.refusal('alice', 'continue_attachment', { attachment: id, offset: file.length, data: 'AA==' })).toBe('an attachment has 10485760 bytes at most');
    expect(await workspace.refusal('alice', 'continue_attachment', { attachment: id, offset: 7, data: 'AA==' })).toBe('the attachment has 10485760 bytes by now: go on with offset 10485760');
    await workspace.call('alice', 'delete_attachment', { attachment: id });
    expect(await workspace.refusal('alice', 'read_attachment', { attachment: id })).toBe('there is no such attachment');
  });

  it('are listed with their document, found by their names, and go with it', async () => {
    const { id, document } = await attach('quarterly-report_2026.pdf', 'application/pdf', 'AAAA');
    expect(await made('read_document', { document })).toMatchObject({ attachments: [{ id, name: 'quarterly-report_2026.pdf', mediaType: 'application/pdf', size: 3 }] });
    expect(await made('search', { words: 'quarterly report' })).toMatchObject({ items: [{ kind: 'attachment', id }] });
    await workspace.call('alice', 'delete_document', { document });
    expect(await workspace.refusal('alice', 'read_attachment', { attachment: id })).toBe('there is no such attachment');
  });
});

describe('the prompts of the workspace', () => {
  const get = async (name: string, args: object) => workspace.ask('alice', 'prompts/get', { name: `workspace_${name}`, arguments: args });

  it('plan a project with its todos, completed from titles', async () => {
    const { id } = await made('create_project', { title: 'Winter garden' });
    await made('add_todo', { title: 'Ask the builder', project: id });
    expect(await workspace.complete('alice', { type: 'ref/prompt', name: 'workspace_plan_project' }, 'project', 'winter')).toEqual(['Winter garden']);
    const messages = (await get('plan_project', { project: 'winter garden' })).result?.['messages'] as { content: { resource?: { text: string } } }[];
    expect(JSON.parse(messages[1]?.content.resource?.text ?? '')).toMatchObject({ title: 'Winter garden', todos: [{ title: 'Ask the builder' }] });
    expect((await get('plan_project', { project: 'nothing' })).error).toMatchObject({ message: 'there is no such project' });
  });

  it('sum up the documents that have the words', async () => {
    const { uri } = await made('write_document', { title: 'Solar panels', text: 'They pay off in nine years.' });
    expect(await workspace.complete('alice', { type: 'ref/prompt', name: 'workspace_summarise_documents' }, 'query', 'SOLAR')).toEqual(['Solar panels']);
    expect((await get('summarise_documents', { query: 'solar' })).result).toMatchObject({ messages: [{ role: 'user' }, { content: { resource: { uri, text: '# Solar panels\n\nThey pay off in nine years.' } } }] });
    expect((await get('summarise_documents', { query: 'lunar' })).error).toMatchObject({ message: 'no document of yours has these words' });
  });
});

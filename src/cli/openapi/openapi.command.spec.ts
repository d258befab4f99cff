import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runCommand } from '../command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-openapi-'));
let output: string[];
let errors: string[];

beforeEach(() => {
  output = [];
  errors = [];
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void output.push(String(line)));
  jest.spyOn(console, 'error').mockImplementation((line: unknown) => void errors.push(String(line)));
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<number> {
  return runCommand(['openapi', ...args], {});
}

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const get = { operationId: 'listItems', summary: 'List items', parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }], responses: {} };
const good = { openapi: '3.1.0', info: { title: 'Items', version: '1' }, paths: { '/items': { get } } };
const mixed = { ...good, paths: { '/items': { get, put: 'no operation' }, '/other': { post: { operationId: 'other', parameters: [{ name: 'x', in: 'query', schema: { type: 'strin' } }], responses: {} } } } };

describe('gatehouse openapi check', () => {
  it('reports each operation: ok, degraded with each repair, skipped with the reason', async () => {
    const path = file('mixed.json', mixed);
    expect(await run('check', path)).toBe(0);
    const text = output.join('\n');
    expect(text).toContain(`${path}: Items (OpenAPI 3.1.0), 2 tools: 1 ok, 1 degraded; 1 skipped`);
    expect(text).toMatch(/ok +GET \/items +listItems/);
    expect(text).toMatch(/degraded +POST \/other +other\n +invalid-type at .*"strin" is not a JSON Schema type/);
    expect(text).toMatch(/skipped +PUT \/items\n +The operation is not an object\./);
  });

  it('reports several documents in one process as JSON, and fails only for one that cannot be read', async () => {
    const paths = [file('good.json', good), file('broken.json', '{"openapi": '), file('mixed.json', mixed)];
    expect(await run('check', '--json', ...paths)).toBe(1);
    const { documents } = JSON.parse(output.join('')) as { documents: Record<string, unknown>[] };
    expect(documents).toMatchObject([
      { source: paths[0], tools: 1, degraded: 0, skipped: 0 },
      { source: paths[1], error: expect.stringContaining('broken.json: The document is not valid JSON (line 1, column 13).'), tools: 0 },
      { source: paths[2], tools: 2, degraded: 1, skipped: 1 },
    ]);
    expect(documents[2]?.['operations']).toContainEqual({ key: 'PUT /items', status: 'skipped', reason: 'The operation is not an object.', repairs: [] });
  });

  it.each<[string, string | object, RegExp]>([
    ['empty', '', /The document is empty/],
    ['a page', '<!doctype html><html></html>', /HTML page/],
    ['something else', { hello: 1 }, /no "openapi" field/],
    ['a folder', '', /this is a folder/],
  ])('says in one line what is wrong with %s', async (kind, content, message) => {
    const path = kind === 'a folder' ? folder : file(`${kind.replaceAll(' ', '-')}.json`, content);
    expect(await run('check', path)).toBe(1);
    expect(output.join('\n')).toMatch(message);
    expect([...output, ...errors].join('\n')).not.toContain('    at ');
  });
});

describe('gatehouse openapi tools', () => {
  it('prints the tools/list result and nothing else', async () => {
    const path = file('good.json', good);
    expect(await run('tools', path, '--json')).toBe(0);
    expect(output).toHaveLength(1);
    const { tools } = JSON.parse(output[0] ?? '') as { tools: unknown[] };
    expect(tools).toEqual([
      {
        name: 'listItems',
        title: 'List items',
        description: 'List items',
        inputSchema: { type: 'object', properties: { page: { type: 'integer' } }, additionalProperties: false },
        annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      },
    ]);
    expect(errors.join('')).toMatch(/^1 tools, \d+ bytes, profile default$/);
    output.length = 0;
    expect(await run('tools', path)).toBe(0);
    expect(JSON.parse(output[0] ?? '')).toEqual({ tools });
  });

  it('applies overlays in order', async () => {
    const overlay = (title: string) => ({ overlay: '1.0.0', info: { title: 'o', version: '1' }, actions: [{ target: '$.paths["/items"].get', update: { summary: title } }] });
    expect(await run('tools', file('good.json', good), '--json', '--overlay', file('one.json', overlay('One')), '--overlay', file('two.json', overlay('Two')))).toBe(0);
    expect(JSON.parse(output[0] ?? '')).toMatchObject({ tools: [{ title: 'Two' }] });
  });

  it('reads other files only where --allow-ref says so', async () => {
    file('common.json', { Page: { type: 'integer', maximum: 7 } });
    const path = file('split.json', { ...good, paths: { '/items': { get: { ...get, parameters: [{ name: 'page', in: 'query', schema: { $ref: './common.json#/Page' } }] } } } });
    expect(await run('tools', path, '--json')).toBe(0);
    expect(output[0]).not.toContain('"maximum":7');
    output.length = 0;
    expect(await run('tools', path, '--json', '--allow-ref', folder)).toBe(0);
    expect(output[0]).toContain('"maximum":7');
  });

  it.each([
    [['tools'], 'openapi tools needs the FILE or URL of a document'],
    [['tools', 'a', 'b'], 'openapi tools takes 1 document, not 2'],
    [['tools', 'a', '--profile', 'nobody'], 'there is no client profile "nobody"'],
    [['diff', 'a'], 'openapi diff needs 2 documents'],
    [['explode'], 'there is no command "openapi explode"'],
    [[], 'openapi needs one of check, tools, diff'],
    [['check', '--jsn', 'a'], "Unknown option '--jsn'"],
  ])('says what is wrong with %j', async (args, message) => {
    expect(await run(...args)).toBe(2);
    expect(errors.join('\n')).toContain(message.replace('2 documents', 'two documents'));
  });
});

describe('gatehouse openapi diff', () => {
  it('says what a new document changes', async () => {
    const next = { ...good, paths: { '/items': { get: { ...get, parameters: [{ name: 'page', in: 'query', required: true, schema: { type: 'integer' } }] } }, '/new': { get: { operationId: 'new', responses: {} } } } };
    expect(await run('diff', file('old.json', good), file('new.json', next), '--json')).toBe(0);
    const { changes } = JSON.parse(output.join('')) as { changes: { kind: string; operation: string }[] };
    expect(changes.map(({ kind, operation }) => `${kind} ${operation}`).sort()).toEqual(['added GET /new', 'breaking GET /items']);
    output.length = 0;
    expect(await run('diff', join(folder, 'old.json'), join(folder, 'new.json'))).toBe(0);
    expect(output.join('\n')).toMatch(/breaking +GET \/items +listItems/);
    output.length = 0;
    expect(await run('diff', join(folder, 'old.json'), join(folder, 'old.json'))).toBe(0);
    expect(output.join('\n')).toBe('no changes');
  });
});

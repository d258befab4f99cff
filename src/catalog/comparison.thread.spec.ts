import { describe, expect, it } from '@jest/globals';
import { DocumentError } from '@gatehouse-mcp/openapi-tools';
import { parseConfiguration } from '../config/configuration.file.js';
import { compareSources, type ComparisonInput } from './comparison.js';
import { compareDocuments } from './comparison.thread.js';

const [settings] = parseConfiguration(
  `
publicUrls: [https://mcp.acme.example]
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] } }
apis: [{ name: orders, tenant: acme, openapi: "file:./a.json", overrides: { op1: { name: first } }, credentials: [{ type: none }] }]`,
  'gatehouse.yaml',
).apis;
if (settings === undefined) throw new Error('no API');

/** A document with this many operations; its schemas refer to each other. */
function documentOf(operations: number, description: string): Buffer {
  const schemas = Object.fromEntries(Array.from({ length: operations }, (_, n) => [`S${n}`, { type: 'object', properties: { next: { $ref: `#/components/schemas/S${(n + 1) % operations}` }, n: { type: 'integer' } } }]));
  const paths = Object.fromEntries(
    Array.from({ length: operations }, (_, n) => [`/p${n}`, { post: { operationId: `op${n}`, description, requestBody: { content: { 'application/json': { schema: { $ref: `#/components/schemas/S${n}` } } } }, responses: {} } }]),
  );
  return Buffer.from(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, components: { schemas } }));
}

const input = (before: Buffer, after: Buffer): ComparisonInput => ({ settings, overlays: [], before: { document: before, externals: {} }, after: { document: after, externals: {} } });
const large = input(documentOf(400, 'Before.'), documentOf(400, 'After.'));

describe('comparing a large document', () => {
  it('has the same outcome in a thread of its own, while this one goes on', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    const started = performance.now();
    const comparison = await compareDocuments(large);
    const passed = performance.now() - started;
    clearInterval(timer);
    expect(comparison).toEqual(JSON.parse(JSON.stringify(compareSources(large))));
    expect(comparison.mustWait).toBe(true);
    expect(comparison.changes).toHaveLength(400);
    expect(turns).toBeGreaterThan(passed / 50);
  });

  it('says what is wrong with it as this thread would', async () => {
    const broken = input(documentOf(400, 'Before.'), Buffer.from(`{"hello": "${'x'.repeat(100_000)}"}`));
    const failure: unknown = await compareDocuments(broken).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DocumentError);
    expect(failure).toMatchObject({ code: 'no_openapi_field', message: expect.stringContaining('"openapi"') });
  });

  it('ends at its deadline', async () => {
    const started = performance.now();
    await expect(compareDocuments(input(documentOf(3_000, 'a'), documentOf(3_000, 'b')), undefined, { deadlineMs: 300, heapMb: 1_024 })).rejects.toThrow('took longer than 0.3 s');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('takes no more memory than it may, and takes nothing down with it', async () => {
    await expect(compareDocuments(input(documentOf(3_000, 'a'), documentOf(3_000, 'b')), undefined, { deadlineMs: 60_000, heapMb: 32 })).rejects.toThrow('took more than 32 MB');
    expect((await compareDocuments(large)).changes).toHaveLength(400);
  });

  it('is stopped when the process ends', async () => {
    const ending = new AbortController();
    const comparing = compareDocuments(large, ending.signal);
    setTimeout(() => ending.abort(), 20);
    await expect(comparing).rejects.toThrow('was stopped');
    await expect(compareDocuments(large, ending.signal)).rejects.toThrow('was stopped');
  });
});

describe('comparing a small document', () => {
  it('needs no thread', async () => {
    const small = input(documentOf(3, 'Before.'), documentOf(3, 'After.'));
    expect((await compareDocuments(small, undefined, { deadlineMs: 1, heapMb: 1 })).changes).toHaveLength(3);
  });

  it('of an API that has none yet changes nothing', async () => {
    const { before: _before, ...first } = large;
    expect(await compareDocuments(first)).toMatchObject({ changes: [], mustWait: false, report: expect.any(Array) });
  });
});

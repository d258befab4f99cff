import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { realDocuments } from '../../../test/e2e/real-documents.expectations.js';
import { withBoundary } from '../../../test/e2e/real-documents/request.expectation.js';
import { bindRequest } from './request/bind-request.js';
import { compileOperation } from './tool/compile-operation.js';
import { indexOperations } from './operation/index-operations.js';
import { isObject, own, ownObject, type JsonValue } from './json.js';
import { loadDocument } from './document/load-document.js';

const folder = resolve(import.meta.dirname, '../../../../shared/openapi');
const isMissing = !existsSync(folder);
const documents = isMissing ? describe.skip : describe;
const label = isMissing ? ' (skipped: ../shared/openapi is not there)' : '';

if (isMissing && process.env['CI'] === 'true') {
  it('CI has the real documents at ../shared/openapi', () => {
    expect(existsSync(folder)).toBe(true);
  });
}

function asJson(value: unknown): Record<string, JsonValue> {
  return JSON.parse(JSON.stringify(value));
}

function load(file: string) {
  const document = loadDocument(readFileSync(join(folder, file)));
  return { document, index: indexOperations(document) };
}

documents(`real documents, request by request${label}`, () => {
  for (const { file, operations, requests } of realDocuments) {
    describe(`requests of ${file}`, () => {
      let loaded: ReturnType<typeof load> | undefined;

      it('lists every operation', () => {
        loaded ??= load(file);
        expect(loaded.index.operations).toHaveLength(operations);
      });

      for (const expectation of requests) {
        it(`${expectation.tool}: ${expectation.shows}`, () => {
          loaded ??= load(file);
          const operation = loaded.index.operations.find(({ name }) => name === expectation.tool);
          if (operation === undefined) throw new Error(`no tool ${expectation.tool}`);
          const compiled = compileOperation(loaded.document, operation);
          const checked = compiled.validate(asJson(expectation.arguments));
          if (!checked.ok) throw new Error(checked.message);
          const request = bindRequest(compiled, checked.args, { baseUrl: 'http://127.0.0.1:9/base/' });
          const headers = Object.fromEntries(request.headers);
          const expected = withBoundary(expectation, headers['content-type']);
          expect({
            method: request.method,
            url: request.url.href,
            headers,
            body: request.body === undefined ? undefined : Buffer.from(request.body).toString(),
          }).toEqual({
            method: expected.method,
            url: `http://127.0.0.1:9/base${expected.path}${expected.query === '' ? '' : `?${expected.query}`}`,
            headers: expected.headers,
            body: expected.body,
          });
        });
      }
    });
  }
});

documents(`all real documents${label}`, () => {
  const files = isMissing ? [] : readdirSync(folder).filter((file) => /\.(json|ya?ml)$/.test(file) && file !== 'manifest.json');

  it('finds documents to read', () => {
    expect(files.length).toBeGreaterThan(15);
  });

  it.each([
    ['docker-engine-swagger2.yaml', 107],
    ['kubernetes-1.13-swagger2.json', 1014],
    ['slack-swagger2.json', 174],
  ])('L09: %s has all its %i operations', (file, operations) => {
    expect(load(file).index.operations).toHaveLength(operations);
  });

  for (const file of files) {
    it(`S16, N01, N05, L16: ${file} becomes tools that every client takes`, () => {
      const start = threadTime();
      const { document, index } = load(file);
      expect(threadTime() - start).toBeLessThan(3_000);
      expect(index.operations.length).toBeGreaterThan(10);
      const names = new Set<string>();
      for (const operation of index.operations) {
        const { tool } = compileOperation(document, operation);
        expect(tool.name).toMatch(/^[A-Za-z0-9_-]{1,44}$/);
        names.add(tool.name.toLowerCase());
        expect(problemsOf(tool.inputSchema)).toEqual([]);
      }
      expect(names.size).toBe(index.operations.length);
    });
  }
});

/** An independent reading of the rules that clients have for an input schema. */
function problemsOf(schema: JsonValue): readonly string[] {
  if (!isObject(schema)) return ['root is not an object'];
  const problems: string[] = [];
  if (schema['type'] !== 'object') problems.push('root type');
  for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not', 'enum', '$ref']) if (Object.hasOwn(schema, keyword)) problems.push(`root ${keyword}`);
  for (const key of Object.keys(ownObject(schema, 'properties') ?? {})) if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(key)) problems.push(`key ${key}`);
  const definitions = ownObject(schema, '$defs') ?? {};
  const pending: JsonValue[] = [schema];
  for (const node of pending) {
    if (isObject(node)) {
      const reference = own(node, '$ref');
      if (typeof reference === 'string' && !(reference.startsWith('#/$defs/') && Object.hasOwn(definitions, reference.slice(8)))) problems.push(reference);
    }
    if (typeof node === 'object' && node !== null) pending.push(...Object.values(node));
  }
  return problems;
}

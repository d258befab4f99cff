import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import type { JsonValue } from '../json.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations } from './index-operations.js';

/** What becomes of one parameter that two operations repeat. */
function compileTwice(parameter: JsonValue) {
  const operation = { parameters: [parameter], responses: {} };
  const document = loadDocument(JSON.stringify({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/a': { get: operation }, '/b': { get: operation } } }));
  return indexOperations(document).operations.map((listed) => compileOperation(document, listed));
}

describe('parameters that operations repeat', () => {
  it('are repaired where each operation has them', () => {
    const compiled = compileTwice({ name: 'a', in: 'query', style: 'moon', schema: { type: 'integer', minimum: 'x' } });
    expect(compiled.map(({ repairs }) => repairs.map(({ at }) => at))).toEqual([
      ['/paths/~1a/get/parameters/0', '/paths/~1a/get/parameters/0/schema/minimum'],
      ['/paths/~1b/get/parameters/0', '/paths/~1b/get/parameters/0/schema/minimum'],
    ]);
    expect(compiled.map(({ tool }) => tool.inputSchema['properties'])).toEqual([{ a: { type: 'integer' } }, { a: { type: 'integer' } }]);
  });

  it('may be nested too deeply to be compared', () => {
    const text = `{"openapi":"3.0.3","info":{},"paths":{"/a":{"get":{"parameters":[{"name":"a","in":"query","schema":${'{"properties":{"0":'.repeat(20_000)}{}${'}}'.repeat(20_000)}}]}}}}`;
    const document = loadDocument(text);
    const [operation] = indexOperations(document).operations;
    expect(operation && compileOperation(document, operation).repairs.map(({ code }) => code)).toEqual(['too-deep']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation } from '../tool/compile-operation.js';
import { shapeOptionsOf } from './shape-options.js';
import { shapeResult } from './shape-result.js';

function shape(extension: unknown, body: string) {
  const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get: { 'x-mcp': extension, parameters: [{ name: 'page[after]', in: 'query' }, { name: 'id', in: 'query' }], responses: {} } } } }));
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('no operation');
  const options = shapeOptionsOf(compileOperation(document, operation));
  return { options, result: shapeResult({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }, options) };
}

describe('how an operation\'s answers are shaped', () => {
  it('R08: by the projection that the document gives', () => {
    expect(shape({ response: { projection: '$.id' } }, '{"id":1,"iban":"x"}').result).toMatchObject({ content: [{ text: '1' }], isError: false });
  });

  it.each([{ response: '$.id' }, { response: {} }, { response: { projection: 5 } }, { response: { projektion: '$.id' } }, { response: { projection: '$[' } }])('R08: %j, which cannot be read, shows nothing', (extension) => {
    const { result } = shape(extension, '{"id":1,"iban":"x"}');
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain('iban');
  });

  it('R07: names the arguments that lead on', () => {
    expect(shape({}, '{}').options.paging).toEqual(['page_after']);
    const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get: { parameters: ['cursor', 'per_page', 'fields', 'id'].map((name) => ({ name, in: 'query' })), responses: {} } } } }));
    const [operation] = indexOperations(document).operations;
    expect(operation && shapeOptionsOf(compileOperation(document, operation)).paging).toEqual(['cursor', 'per_page', 'fields']);
  });
});

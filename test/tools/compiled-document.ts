import { expect } from '@jest/globals';
import { compileOperation, indexOperations, loadDocument, type CompiledOperation, type CompileOptions, type JsonObject, type JsonValue } from '@gatehouse-mcp/openapi-tools';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Written = Record<string, unknown>;

/** A document whose one operation takes this body as JSON. */
export function bodyDocument(openapi: string, body: unknown, schemas: Written = {}, extra: Written = {}): Written {
  return {
    openapi,
    info: { title: 'T', version: '1' },
    paths: { '/a': { post: { operationId: 'a', requestBody: { required: true, content: { 'application/json': { schema: body } } }, responses: {} } } },
    components: { schemas },
    ...extra,
  };
}

/** The first operation of a document, given as data or as its text. */
export function compileDocument(document: unknown, options: CompileOptions = {}): CompiledOperation {
  const loaded = loadDocument(typeof document === 'string' ? document : JSON.stringify(document));
  const [operation] = indexOperations(loaded).operations;
  if (operation === undefined) throw new Error('the document lists no operation');
  return compileOperation(loaded, operation, options);
}

export const compileBody = (openapi: string, body: unknown, schemas: Written = {}): CompiledOperation => compileDocument(bodyDocument(openapi, body, schemas));

/** The schemas of a tool's arguments by key. */
export const argumentsOf = ({ tool }: CompiledOperation): JsonObject => (tool.inputSchema['properties'] ?? {}) as JsonObject;

export const schemaOf = (openapi: string, body: unknown, schemas: Written = {}): JsonObject => compileBody(openapi, body, schemas).tool.inputSchema;

const withProperty = (schema: unknown): Written => ({ type: 'object', properties: { p: schema } });

/** The converted schema of a body's property `p`. */
export const propertyOf = (openapi: string, schema: unknown, schemas: Written = {}): JsonValue | undefined => argumentsOf(compileBody(openapi, withProperty(schema), schemas))['p'];

/** The codes of what was repaired in it. */
export const codesOf = (openapi: string, schema: unknown, schemas: Written = {}): readonly string[] => compileBody(openapi, withProperty(schema), schemas).repairs.map(({ code }) => code);

/** Strict reading by an independent validator with its meta-schema: throws for an invalid schema or a dangling reference. */
export function checker(schema: JsonObject): (value: unknown) => boolean {
  return new Ajv2020({ strict: false, validateFormats: false }).compile(structuredClone(schema));
}

/** What every client takes: an object root without combinators. */
export function expectSound(schema: JsonObject): void {
  expect(schema['type']).toBe('object');
  for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not', '$ref']) expect(Object.hasOwn(schema, keyword)).toBe(false);
  expect(() => checker(schema)({})).not.toThrow();
}

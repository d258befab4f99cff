import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { loadDocument } from '../document/load-document.js';
import { isObject, type JsonObject, type JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { clientProfileNames, clientProfiles } from './client-profile.js';
import { compileOperation } from './compile-operation.js';

const keywords = ['type', 'properties', 'items', 'allOf', 'oneOf', 'anyOf', 'not', 'enum', 'const', 'default', 'required', 'nullable', 'minimum', 'exclusiveMinimum', 'maxLength', 'pattern', 'additionalProperties', '$ref', 'discriminator', 'readOnly', 'format', 'title', 'description', 'prefixItems', 'patternProperties', 'unevaluatedProperties', '$id', '$anchor', 'id', '$schema', '$defs', 'if', 'then', 'dependentRequired', 'multipleOf', 'contains', 'minContains', 'x-junk', 'example'];
const schemaNames = ['A', 'B', 'C'];

/** Schemas with real keywords, and any junk behind them: numbers where objects belong, wrong types, dangling and circular references. */
const { schema: schemaArbitrary } = fc.letrec<{ schema: JsonValue; junk: JsonValue }>((tie) => ({
  junk: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<JsonValue>('string', 'object', 'array', ['string', 'null'], '#/components/schemas/A', '#/components/schemas/B', '#/components/schemas/Gone', 'other.yaml', '(', -1, 0, 1, '2', true, false, null, {}, [], 'a\u200bb'),
    tie('schema'),
    fc.array(tie('schema'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '$ref', '__proto__x', 'constructor', 'propertyName', 'mapping'), tie('schema'), { maxKeys: 3, noNullPrototype: true }),
  ),
  schema: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<JsonValue>({}, { type: 'string' }, { $ref: '#/components/schemas/B' }, { $ref: '#/components/schemas/C' }, { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }], discriminator: { propertyName: 'a' } }),
    fc.dictionary(fc.constantFrom(...keywords), tie('junk'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

const { value: valueArbitrary } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom<JsonValue>(null, true, 0, 1, 'string', '', []), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), tie('value'), { maxKeys: 3, noNullPrototype: true })),
}));
const argumentsArbitrary = fc.dictionary(fc.constantFrom('a', 'b', 'body'), valueArbitrary, { maxKeys: 2, noNullPrototype: true });

const ajv = new Ajv2020({ strict: false, validateSchema: true, validateFormats: false, ownProperties: true, logger: false, addUsedSchema: false });

function problemsOf(schema: JsonObject): readonly string[] {
  const problems: string[] = schema['type'] === 'object' ? [] : ['the root is no object'];
  try {
    ajv.compile(schema);
  } catch (error) {
    problems.push(String(error));
  }
  return problems;
}

const hasReference = (node: JsonValue): boolean => isObject(node) && (typeof node['$ref'] === 'string' || Object.values(node).some((child) => (Array.isArray(child) ? child.some(hasReference) : hasReference(child))));

describe('any schema, however broken', () => {
  it.each(['2.0', '3.0.3', '3.1.0'])('S16: %s gives tools whose schemas Ajv compiles, for every profile and a small budget', (version) => {
    const isSwagger = version === '2.0';
    let [shown, shortened, accepted] = [0, 0, 0];
    fc.assert(
      fc.property(schemaArbitrary, fc.array(schemaArbitrary, { minLength: 3, maxLength: 3 }), fc.constantFrom(...clientProfileNames), fc.constantFrom(32_768, 250, 120), fc.array(argumentsArbitrary, { minLength: 8, maxLength: 8 }), fc.constantFrom('flat' as const, 'nested' as const), (body, components, name, maxInputBytes, calls, argumentMode) => {
        const schemas = Object.fromEntries(schemaNames.map((component, at) => [component, components[at] ?? {}]));
        const document = isSwagger
          ? { swagger: '2.0', paths: { '/a': { post: { consumes: ['application/json', 'application/merge-patch+json'], produces: ['application/json'], parameters: [{ in: 'body', name: 'body', schema: body }], responses: { 200: { description: '', schema: body } } } } }, definitions: schemas }
          : { openapi: version, paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema: body }, 'application/x-www-form-urlencoded': { schema: body } } }, responses: { 200: { content: { 'application/json': { schema: body } } } } } } }, components: { schemas } };
        const text = JSON.stringify(document).replaceAll('#/components/schemas/', isSwagger ? '#/definitions/' : '#/components/schemas/');
        const loaded = loadDocument(text);
        const [operation] = indexOperations(loaded).operations;
        if (operation === undefined) return;
        const profile = clientProfiles[name] ?? clientProfiles.default;
        const compiled = compileOperation(loaded, operation, { profile, maxInputBytes, argumentMode, contentTypeArgument: true });
        expect(problemsOf(compiled.tool.inputSchema)).toEqual([]);
        expect(profile.refs || !hasReference(compiled.tool.inputSchema)).toBe(true);
        expect(problemsOf(compiled.tool.outputSchema ?? { type: 'object' })).toEqual([]);
        expect(JSON.parse(compiled.toolJson('n'))).toEqual({ ...JSON.parse(JSON.stringify(compiled.tool)), name: 'n' });
        const isShownFit = ajv.compile(compiled.tool.inputSchema);
        for (const args of calls) {
          const result = compiled.validate(argumentMode === 'flat' ? args : { body: args });
          // What a client checks is never stricter than what we check; only null may be left out for those that cannot say it.
          if (!result.ok || profile.typeArrays === 'single') continue;
          accepted += 1;
          expect(isShownFit(result.args)).toBe(true);
        }
        shown += 1;
        if (compiled.repairs.some(({ code }) => code === 'shortened')) shortened += 1;
      }),
      { numRuns: 300, seed: 20_261_121 },
    );
    expect(shown).toBeGreaterThan(250);
    expect(shortened).toBeGreaterThan(20);
    expect(accepted).toBeGreaterThan(200);
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readTable } from '../../../test/tools/wire-case.js';
import { loadDocument } from './document/load-document.js';
import type { JsonObject, JsonValue } from './json.js';
import { indexOperations } from './operation/index-operations.js';
import { shapeOptionsOf } from './result/shape-options.js';
import { shapeResult } from './result/shape-result.js';
import type { ToolResult } from './result/tool-result.js';
import { clientProfiles } from './tool/client-profile.js';
import { compileOperation, type CompiledOperation } from './tool/compile-operation.js';

interface ResultCase {
  readonly case: string;
  readonly status: number;
  readonly type?: string;
  readonly schema?: JsonObject;
  readonly answer?: string;
  readonly answerHex?: string;
  readonly error?: boolean;
  readonly text?: string;
  readonly textHas?: readonly string[];
  readonly content?: JsonObject;
  readonly blob?: JsonObject;
  readonly structured?: JsonValue;
}

function compileWith(schema: JsonObject | undefined, profile: string): CompiledOperation {
  const content = schema === undefined ? {} : { content: { 'application/json': { schema } } };
  const document = loadDocument(JSON.stringify({ openapi: '3.0.4', info: {}, servers: [{ url: 'https://a.test' }], paths: { '/a': { get: { responses: { 200: { description: 'ok', ...content } } } } } }));
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('the operation is not listed');
  const wanted = clientProfiles[profile];
  return compileOperation(document, operation, wanted === undefined ? {} : { profile: wanted });
}

const bytesOf = ({ answer, answerHex }: ResultCase): Buffer => (answerHex === undefined ? Buffer.from(answer ?? '') : Buffer.from(answerHex, 'hex'));

describe.each(['default', 'full'])('what a caller sees of an answer, with the %s profile', (profile) => {
  it.each(readTable<ResultCase>('result'))('$case', (row) => {
    const compiled = compileWith(row.schema, profile);
    const headers = row.type === undefined ? {} : { 'content-type': row.type };
    const result = shapeResult({ status: row.status, headers, body: bytesOf(row) }, shapeOptionsOf(compiled));
    expect(differencesOf(row, result)).toEqual([]);
    expect(structureProblems(row, compiled, result)).toEqual([]);
  });
});

function differencesOf(row: ResultCase, { content, isError }: ToolResult): readonly string[] {
  const [block] = content;
  const text = block?.type === 'text' ? block.text : '';
  const shown = JSON.stringify(block);
  const wanted = Object.entries({ ...row.content, ...row.blob }).map(([field, value]) => `"${field}":${JSON.stringify(value)}`);
  return [
    ...(isError === (row.error ?? false) ? [] : [`isError is ${isError}`]),
    ...(row.text === undefined || row.text === text ? [] : [`text is ${text}`]),
    ...(row.textHas ?? []).filter((part) => !text.includes(part)).map((part) => `text has no ${part}: ${text}`),
    ...wanted.filter((part) => !shown.includes(part)).map((part) => `no ${part} in ${shown}`),
    ...(row.blob === undefined || block?.type === 'resource' ? [] : ['no resource']),
  ];
}

/** With a listed output schema, a success must have structured content that fits it (MCP 2025-06-18, Structured Content); without one, only the given. */
function structureProblems(row: ResultCase, { tool }: CompiledOperation, { structuredJson: json }: ToolResult): readonly string[] {
  const isSaid = row.structured !== undefined && row.structured !== 'absent' && JSON.stringify(JSON.parse(json ?? 'null')) !== JSON.stringify(row.structured);
  const said = isSaid ? [`structured content is ${json}`] : [];
  if (tool.outputSchema === undefined) return row.structured === 'absent' && row.schema === undefined && json !== undefined ? [`structured content ${json}`] : said;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const fits = row.error === true || ajv.validate(structuredClone(tool.outputSchema), JSON.parse(json ?? 'null'));
  return fits ? said : [`structured content ${json} does not fit`];
}

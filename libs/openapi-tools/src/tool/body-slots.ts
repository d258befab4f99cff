import type { ApiDocument } from '../document/load-document.js';
import { isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';
import { essenceOf, isXmlType } from '../media-type.js';
import { fileArgument, fileShapeOf, plainSchema, typeOfSchema } from '../operation/file-schema.js';
import type { Parameter } from '../operation/operation-parameters.js';
import { describeText } from '../operation/media-choice.js';
import type { PlainObject } from '../operation/plain-object.js';
import type { RequestBody } from '../operation/request-body.js';

/** Converts a schema of the document for use in a tool, with what the parameter says beside it; `at` is the JSON Pointer of the schema, or of the parameter. */
export type ConvertSchema = (schema: JsonValue, at: string, parameter?: Parameter) => JsonObject;

/** The schema of a body that is one argument: that of its value, of its text, or of a file, as its media type asks. */
export function wholeBodySchema(document: ApiDocument, body: RequestBody, convert: ConvertSchema): JsonObject {
  const { format, mediaType, schema, at } = body;
  const plain = plainSchema(document.definitions, schema);
  const description = body.description ?? (plain === undefined ? undefined : ownString(plain, 'description'));
  if (format === 'binary') return fileArgument('one', description ?? `The content (${mediaType}).`, rangesOf([mediaType, ...body.alternatives]));
  if (format === 'text' && !isPrimitive(typeOfSchema(plain))) return { type: 'string', description: description ?? describeText(mediaType) };
  // A form or a multipart body of unknown members is still an object; what has a type, or branches, says so itself.
  const isUntyped = (format === 'form' || format === 'multipart') && isObject(schema) && Object.keys(schema).length === 0;
  const isStream = format === 'json-lines' || format === 'json-sequence';
  const wanted = isStream && typeOfSchema(plain) !== 'array' && typeOfSchema(plain) !== 'string' ? { type: 'array', items: schema } : isUntyped ? { type: 'object' } : schema;
  const converted = convert(wanted, at);
  return description === undefined || own(converted, 'description') !== undefined ? converted : { ...converted, description };
}

/** Several types to choose from are worth saying, one is not. */
const rangesOf = (types: readonly string[]): readonly string[] => (types.length > 1 || types.some((type) => type.includes('*') && type !== '*/*') ? types : []);

const isPrimitive = (type: string | undefined): boolean => type === 'string' || type === 'integer' || type === 'number' || type === 'boolean';

/** The schema of one property that is an argument of its own. */
export function propertySchema(document: ApiDocument, body: RequestBody, name: string, property: PlainProperty, convert: ConvertSchema): JsonObject {
  const { schemas, at } = property;
  const [first] = schemas;
  const schema = schemas.length === 1 && first !== undefined ? first : { allOf: schemas };
  const part = body.parts.get(name);
  const plain = plainSchema(document.definitions, schema);
  const description = (isObject(schema) ? ownString(schema, 'description') : undefined) ?? (plain === undefined ? undefined : ownString(plain, 'description'));
  const file = part?.isFile === true ? fileShapeOf(document.definitions, schema, part.contentTypes) : undefined;
  if (file !== undefined) return fileArgument(file.arity, description, rangesOf(part?.contentTypes ?? []));
  const [contentType] = part?.contentTypes ?? [];
  if (contentType !== undefined && isXmlType(essenceOf(contentType)) && part?.serialisation === undefined && typeOfSchema(plain) === 'object') {
    return { type: 'string', description: description ?? describeText(contentType) };
  }
  return convert(schema, at);
}

type PlainProperty = PlainObject['properties'] extends Map<string, infer P> ? P : never;

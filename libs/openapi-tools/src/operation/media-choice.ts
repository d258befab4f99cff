import { essenceOf, isBinaryType, isJsonType, isMultipart, isSendableType, isTextType, isUrlEncodedForm, isWildcard, isXmlType, jsonStreamOf } from '../media-type.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';
import type { JsonValue } from '../json.js';
import type { BodyFormat } from '../tool/binding-table.js';
import { fileShapeOf, plainSchema, typeOfSchema } from './file-schema.js';

/** A key of `content` and the media type it means. */
export interface MediaChoice {
  readonly key: string;
  readonly mediaType: string;
}

/**
 * The one media type of a body that is used (openapi.md decision 9): JSON, then merge patch (it takes the resource's own shape),
 * other `+json`, a range that admits JSON, form, multipart, text, octet-stream, and the first of all others.
 */
export function chooseMediaType(keys: readonly string[]): MediaChoice | undefined {
  let best: MediaChoice | undefined;
  let least = Infinity;
  for (const choice of sendableTypes(keys)) {
    const rank = rankOf(essenceOf(choice.mediaType));
    if (rank >= least) continue;
    best = choice;
    least = rank;
  }
  return best;
}

/** The media types that a Content-Type header can name, as the document means them: a list is its first, `json` is `application/json`. */
export function sendableTypes(keys: readonly string[]): readonly MediaChoice[] {
  const choices: MediaChoice[] = [];
  for (const key of keys) {
    const mediaType = meantType(key);
    if (isSendableType(mediaType)) choices.push({ key, mediaType });
  }
  return choices;
}

function meantType(key: string): string {
  if (key === 'application/json') return key;
  const first = (key.split(',', 1)[0] ?? '').trim();
  if (/^json$/i.test(first)) return 'application/json';
  return first === '*' ? '*/*' : first;
}

function rankOf(essence: string): number {
  if (essence === 'application/json') return 0;
  if (essence === 'application/merge-patch+json') return 1;
  if (isJsonType(essence)) return essence === 'application/json-patch+json' ? 3 : 2;
  if (isWildcard(essence)) return 4;
  if (isUrlEncodedForm(essence)) return 5;
  if (isMultipart(essence)) return 6;
  if (isTextType(essence) || jsonStreamOf(essence) !== undefined) return 7;
  return essence === 'application/octet-stream' ? 8 : 9;
}

/** How the chosen type is written, and under which name it goes where the document names a range. */
export function writingOf(definitions: SchemaDefinitions, mediaType: string, schema: JsonValue): { readonly format: BodyFormat; readonly mediaType: string } {
  const essence = essenceOf(mediaType);
  if (isJsonType(essence)) return { format: 'json', mediaType: essence.includes('*') ? 'application/json' : mediaType };
  const stream = jsonStreamOf(essence);
  if (stream !== undefined) return { format: stream === 'lines' ? 'json-lines' : 'json-sequence', mediaType };
  if (isUrlEncodedForm(essence)) return { format: 'form', mediaType };
  if (isMultipart(essence)) return { format: 'multipart', mediaType: essence === 'multipart/*' ? 'multipart/form-data' : mediaType };
  if (isTextType(essence)) return { format: 'text', mediaType: essence === 'text/*' ? 'text/plain' : mediaType };
  if (isBinaryType(essence)) return { format: 'binary', mediaType };
  return bySchema(definitions, mediaType, schema);
}

/** A range or an unknown type: what its schema describes decides. */
function bySchema(definitions: SchemaDefinitions, mediaType: string, schema: JsonValue): { readonly format: BodyFormat; readonly mediaType: string } {
  const isRange = isWildcard(essenceOf(mediaType));
  const plain = plainSchema(definitions, schema);
  const type = typeOfSchema(plain);
  if (type === 'string' && fileShapeOf(definitions, schema, []) !== undefined) return { format: 'binary', mediaType };
  if (type === 'string') return { format: 'text', mediaType: isRange ? 'text/plain' : mediaType };
  const isStructured = type !== undefined || plain?.['properties'] !== undefined || plain?.['oneOf'] !== undefined || plain?.['anyOf'] !== undefined || plain?.['allOf'] !== undefined;
  if (isRange) return { format: 'json', mediaType: 'application/json' };
  return { format: isStructured ? 'json' : 'binary', mediaType };
}

/** Why the text of a body stands in one text argument, for its description. */
export function describeText(mediaType: string): string {
  return isXmlType(essenceOf(mediaType)) ? `The XML document, as text (${mediaType}).` : `The content, as text (${mediaType}).`;
}

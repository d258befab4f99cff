import { isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import type { OperationSource } from '../document/version-view.js';
import { escapeToken } from '../document/reference.js';
import type { RepairList } from '../repair.js';
import type { BodyFormat, PartEncoding } from '../tool/binding-table.js';
import { fileShapeOf, plainSchema } from './file-schema.js';
import { chooseMediaType, sendableTypes, writingOf, type MediaChoice } from './media-choice.js';
import { readPart, readPositions } from './part-encoding.js';
import { collectProperties } from './plain-object.js';

/** The body that an operation is given: one media type of those it accepts, and how that is written. */
export interface RequestBody {
  readonly mediaType: string;
  readonly format: BodyFormat;
  readonly required: boolean;
  readonly schema: JsonValue;
  readonly description?: string;
  readonly at: string;
  readonly parts: ReadonlyMap<string, PartEncoding>;
  readonly furtherPart?: PartEncoding;
  readonly positions: readonly PartEncoding[];
  /** Binary bodies: the other declared types. */
  readonly alternatives: readonly string[];
  readonly contentEncoding?: 'base64' | 'base64url';
}

/** Why an operation cannot be called because of its body, or undefined. */
export function bodyProblem(document: ApiDocument, operation: OperationSource): string | undefined {
  const body = document.definitions.references.follow(document.view.requestBody(operation)?.value);
  if (body.kind !== 'found' || !isObject(body.value) || own(body.value, 'required') !== true) return undefined;
  const types = Object.keys(ownObject(body.value, 'content') ?? {});
  if (types.length === 0 || sendableTypes(types).length > 0) return undefined;
  return `The required request body has no media type that a Content-Type header could name (it has ${JSON.stringify(types.slice(0, 5)).slice(1, -1)}).`;
}

/** The media types that a call may choose among: those of the document that a Content-Type header can name as they are written. */
export function bodyTypes(document: ApiDocument, operation: OperationSource): readonly MediaChoice[] {
  const body = document.definitions.references.follow(document.view.requestBody(operation)?.value);
  const content = body.kind === 'found' && isObject(body.value) ? ownObject(body.value, 'content') : undefined;
  return sendableTypes(Object.keys(content ?? {})).filter(({ mediaType }) => !mediaType.includes('*'));
}

/** The operation's body, in the wanted media type or the one that is best to use, or undefined when it has none that can be sent. */
export function readRequestBody(document: ApiDocument, operation: OperationSource, repairs: RepairList, wanted?: MediaChoice): RequestBody | undefined {
  const written = document.view.requestBody(operation);
  if (written === undefined) return undefined;
  const { at } = written;
  const body = document.definitions.references.follow(written.value);
  if (body.kind !== 'found') {
    const where = body.kind === 'external' ? 'leads outside the document and was not fetched' : 'names nothing in the document';
    repairs.add(body.kind === 'external' ? 'external-ref' : 'dangling-ref', at, `The request body is a reference that ${where}; any JSON is accepted.`);
    return { mediaType: 'application/json', format: 'json', required: false, schema: {}, at, parts: new Map(), positions: [], alternatives: [] };
  }
  const content = isObject(body.value) ? ownObject(body.value, 'content') : undefined;
  if (!isObject(body.value) || content === undefined) {
    repairs.add('invalid-body', at, 'The request body has no content; it was dropped.');
    return undefined;
  }
  const chosen = wanted ?? chooseMediaType(Object.keys(content));
  if (chosen === undefined) {
    if (Object.keys(content).length > 0) repairs.add('unsupported-body', at, 'The optional request body has no media type that a Content-Type header could name; it was dropped.');
    return undefined;
  }
  const place = body.pointer === '' ? at : body.pointer;
  const media = document.definitions.references.follow(own(content, chosen.key));
  const mediaObject = media.kind === 'found' && isObject(media.value) ? media.value : {};
  const description = ownString(body.value, 'description');
  return {
    ...readWriting(document, chosen.mediaType, mediaObject, Object.keys(content)),
    required: own(body.value, 'required') === true,
    ...(description === undefined ? {} : { description }),
    at: `${place}/content/${escapeToken(chosen.key)}/schema`,
  };
}

type Writing = Pick<RequestBody, 'mediaType' | 'format' | 'schema' | 'parts' | 'furtherPart' | 'positions' | 'alternatives' | 'contentEncoding'>;

function readWriting(document: ApiDocument, chosen: string, media: JsonObject, keys: readonly string[]): Writing {
  const written = own(media, 'schema') ?? {};
  const { format, mediaType } = writingOf(document.definitions, chosen, written);
  const itemSchema = own(media, 'itemSchema');
  // OAS 3.2: the items of a sequence; as one body they are an array.
  const isSequence = itemSchema !== undefined && own(media, 'schema') === undefined && format !== 'form';
  const schema: JsonValue = isSequence ? { type: 'array', items: itemSchema } : written;
  const isNamed = format === 'form' || format === 'multipart';
  const others = format === 'binary' ? sendableTypes(keys).map((choice) => choice.mediaType) : [];
  const further = isNamed ? own(plainSchema(document.definitions, schema) ?? {}, 'additionalProperties') : undefined;
  const contentEncoding = format === 'binary' ? fileShapeOf(document.definitions, schema, [])?.contentEncoding : undefined;
  return {
    mediaType,
    format,
    schema,
    parts: isNamed ? readParts(document, mediaType, media, schema) : new Map(),
    ...(isObject(further) ? { furtherPart: readPart(document, mediaType, undefined, further) } : {}),
    positions: format === 'multipart' ? readPositions(document, mediaType, media, schema) : [],
    alternatives: others.filter((type) => type !== chosen && writingOf(document.definitions, type, {}).format === 'binary'),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
  };
}

function readParts(document: ApiDocument, mediaType: string, media: JsonObject, schema: JsonValue): ReadonlyMap<string, PartEncoding> {
  const encodings = ownObject(media, 'encoding') ?? {};
  const properties = collectProperties(document.definitions, schema);
  const names = new Set([...properties.keys(), ...Object.keys(encodings)]);
  return new Map([...names].map((name) => [name, readPart(document, mediaType, own(encodings, name), properties.get(name) ?? { type: 'string' })]));
}

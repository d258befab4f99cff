import type { ApiDocument } from '../document/load-document.js';
import { isArray, isObject, writeJson, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import { isSendableType, isUrlEncodedForm, essenceOf } from '../media-type.js';
import type { ParameterStyle, PartEncoding, Serialisation } from '../tool/binding-table.js';
import { fileShapeOf } from './file-schema.js';

const styles: readonly ParameterStyle[] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'];
const swagger2Styles: readonly ParameterStyle[] = [...styles, 'tabDelimited'];
/** Header fields that we write, or that change how the part is read (RFC 7578 §4.7, §4.8). */
const writtenHeaders = new Set(['content-type', 'content-disposition', 'content-transfer-encoding', 'content-length']);

/** How one property, or one position, of a form or multipart body is written: its Encoding Object and what its schema implies. */
export function readPart(document: ApiDocument, mediaType: string, encoding: JsonValue | undefined, schema: JsonValue): PartEncoding {
  const written = isObject(encoding) ? encoding : {};
  const isForm = isUrlEncodedForm(essenceOf(mediaType));
  const declared = (ownString(written, 'contentType') ?? '').split(',').map((type) => type.trim());
  const contentTypes = declared.filter((type) => isSendableType(type));
  const serialisation = isForm || essenceOf(mediaType) === 'multipart/form-data' ? readSerialisation(written, document.openapi === '2.0' ? swagger2Styles : styles) : undefined;
  // A form is text: what is binary in it is given as the text that is sent.
  const file = isForm || serialisation !== undefined ? undefined : fileShapeOf(document.definitions, schema, contentTypes);
  return {
    ...(serialisation === undefined ? {} : { serialisation }),
    contentTypes,
    headers: isForm ? [] : readHeaders(document, written),
    isFile: file !== undefined,
    ...(file?.contentEncoding === undefined ? {} : { contentEncoding: file.contentEncoding }),
    ...(file?.mediaType === undefined || !isSendableType(file.mediaType) ? {} : { fileType: file.mediaType }),
  };
}

/** Only what is written out counts: without `style`, `explode` and `allowReserved` the content type decides. */
function readSerialisation(encoding: JsonObject, known: readonly ParameterStyle[]): Serialisation | undefined {
  const explode = own(encoding, 'explode');
  const allowReserved = own(encoding, 'allowReserved');
  const style = known.find((name) => name === own(encoding, 'style'));
  if (style === undefined && typeof explode !== 'boolean' && typeof allowReserved !== 'boolean') return undefined;
  return {
    style: style ?? 'form',
    explode: typeof explode === 'boolean' ? explode : (style ?? 'form') === 'form',
    allowReserved: allowReserved === true,
    allowEmptyValue: false,
  };
}

/** Header fields of a part can only be sent when the document fixes their value: by `const`, an `enum` of one, or a default. */
function readHeaders(document: ApiDocument, encoding: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(ownObject(encoding, 'headers') ?? {}).flatMap(([name, header]) => {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || writtenHeaders.has(name.toLowerCase())) return [];
    const value = fixedValue(document, header);
    const text = value === undefined || typeof value === 'string' ? value : writeJson(value);
    return text === undefined || !/^[\x20-\x7e]+$/.test(text) ? [] : [[name, text] as const];
  });
}

function fixedValue(document: ApiDocument, header: JsonValue): JsonValue | undefined {
  const { references } = document.definitions;
  const target = references.follow(header);
  const written = target.kind === 'found' && isObject(target.value) ? own(target.value, 'schema') : undefined;
  const schema = references.follow(written);
  if (schema.kind !== 'found' || !isObject(schema.value)) return undefined;
  const choices = ownArray(schema.value, 'enum');
  return own(schema.value, 'const') ?? (choices.length === 1 ? choices[0] : undefined) ?? own(schema.value, 'default');
}

/** The encodings of a multipart array by position (OAS 3.2 `prefixEncoding`, `itemEncoding`); the last is that of all further items. */
export function readPositions(document: ApiDocument, mediaType: string, media: JsonObject, schema: JsonValue): readonly PartEncoding[] {
  const object = isObject(schema) ? schema : {};
  const prefix = ownArray(object, 'prefixItems');
  const encodings = ownArray(media, 'prefixEncoding');
  const further = own(media, 'itemSchema') ?? own(object, 'items') ?? {};
  const length = Math.min(Math.max(prefix.length, encodings.length), 100);
  const positions = Array.from({ length }, (_, index) => readPart(document, mediaType, encodings[index], prefix[index] ?? further));
  return isArray(further) ? positions : [...positions, readPart(document, mediaType, own(media, 'itemEncoding'), further)];
}

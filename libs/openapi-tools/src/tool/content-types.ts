import type { ApiDocument } from '../document/load-document.js';
import { canonicalText, isWithinDepth, type JsonObject, type JsonValue } from '../json.js';
import { essenceOf, isXmlType } from '../media-type.js';
import { plainSchema, typeOfSchema } from '../operation/file-schema.js';
import type { Operation } from '../operation/operation.js';
import { bodyTypes, readRequestBody, type RequestBody } from '../operation/request-body.js';
import { RepairList } from '../repair.js';

/** Levels of a schema that is compared with another's. */
const maxDepth = 128;

/** What a call gives for a body: the arguments' names and schemas as the document writes them. */
export type DescribeArguments = (body: RequestBody) => JsonValue;

/**
 * The body in each other media type of the document that can be sent from the same arguments (openapi.md decision 9): a type whose
 * schema, files or text make other arguments is none of them, and neither is a range. Bytes name their type themselves (`mime_type`).
 */
export function readOtherTypes(document: ApiDocument, operation: Operation, chosen: RequestBody, describe: DescribeArguments): ReadonlyMap<string, RequestBody> {
  const found = new Map<string, RequestBody>();
  if (chosen.format === 'binary') return found;
  const choices = bodyTypes(document, operation);
  if (choices.length < 2) return found;
  const wanted = describe(chosen);
  const isKnown = (mediaType: string): boolean => [chosen.mediaType, ...found.keys()].some((known) => known.toLowerCase() === mediaType.toLowerCase());
  for (const choice of choices) {
    const body = readRequestBody(document, operation, new RepairList(), choice);
    if (body !== undefined && !isKnown(body.mediaType) && canReplace(document, chosen, body) && isSame(wanted, describe(body))) found.set(body.mediaType, body);
  }
  return found;
}

/** Whether the value of the same argument says the same in the other type. */
function canReplace(document: ApiDocument, chosen: RequestBody, body: RequestBody): boolean {
  if (body.format === 'binary') return false;
  // A text that is a value in JSON is no XML document.
  if (isXmlType(essenceOf(body.mediaType)) && chosen.format !== 'text') return false;
  return !isForm(body) || isForm(chosen) || isObjectSchema(plainSchema(document.definitions, body.schema));
}

const isForm = ({ format }: RequestBody): boolean => format === 'form' || format === 'multipart';

const isObjectSchema = (schema: JsonObject | undefined): boolean =>
  typeOfSchema(schema) === 'object' || (schema !== undefined && (Object.hasOwn(schema, 'properties') || Object.hasOwn(schema, 'allOf')));

function isSame(a: JsonValue, b: JsonValue): boolean {
  return isWithinDepth(a, maxDepth) && isWithinDepth(b, maxDepth) && canonicalText(a) === canonicalText(b);
}

/** The argument with which a call chooses one of the types; the first is sent when it is left out. */
export function contentTypeSchema(types: readonly string[]): JsonObject {
  const [first] = types;
  return { type: 'string', enum: types, ...(first === undefined ? {} : { default: first }), description: 'The media type that the body is sent in.' };
}

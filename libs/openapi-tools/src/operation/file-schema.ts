import { isArray, isObject, own, ownArray, ownString, type JsonObject, type JsonValue } from '../json.js';
import { essenceOf, isBinaryType } from '../media-type.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';

/** Whether a schema stands for a file, for an array of files, or for either. */
export interface FileShape {
  readonly arity: 'one' | 'many' | 'either';
  /** The text form that the schema asks for (3.1 `contentEncoding`); without it the bytes are sent as they are. */
  readonly contentEncoding?: 'base64' | 'base64url';
  /** What the schema says of the content (3.1 `contentMediaType`). */
  readonly mediaType?: string;
}

const maxDepth = 6;
/** Nobody offers a file in more ways than these; unions within unions would take this to the power of their depth. */
const maxBranches = 32;

/** The schema itself: references followed, and null, single members of `allOf` and unions around it taken away. */
export function plainSchema(definitions: SchemaDefinitions, schema: JsonValue, depth = 0): JsonObject | undefined {
  if (!isObject(schema) || depth > maxDepth) return undefined;
  if (ownString(schema, '$ref') !== undefined) {
    const target = definitions.references.follow(schema);
    return target.kind === 'found' ? plainSchema(definitions, target.value, depth + 1) : undefined;
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    if (!Object.hasOwn(schema, keyword)) continue;
    const members = ownArray(schema, keyword).filter((member) => !isNull(member));
    const [only] = members;
    if (members.length === 1 && only !== undefined && own(schema, 'type') === undefined) return plainSchema(definitions, only, depth + 1);
  }
  return schema;
}

const isNull = (schema: JsonValue): boolean => isObject(schema) && own(schema, 'type') === 'null';

/** The `type` of a plain schema without null, when there is one. */
export function typeOfSchema(schema: JsonObject | undefined): string | undefined {
  const type = schema === undefined ? undefined : own(schema, 'type');
  if (typeof type === 'string') return type === 'null' ? undefined : type;
  const types = (isArray(type) ? type : []).filter((name) => name !== 'null');
  const [first] = types;
  return types.length === 1 && typeof first === 'string' ? first : undefined;
}

/**
 * The file that a multipart property is, or undefined. `contentTypes` are those its Encoding Object declares. 3.0: `format: binary`;
 * 3.1: `contentEncoding`, a binary `contentMediaType` or no type at all (OAS 3.2 §4.15.1.1); any: a text declared as a binary type.
 */
export function fileShapeOf(definitions: SchemaDefinitions, written: JsonValue, contentTypes: readonly string[], depth = 0): FileShape | undefined {
  const schema = plainSchema(definitions, written);
  if (schema === undefined || depth > 2) return undefined;
  const branches = [...ownArray(schema, 'anyOf'), ...ownArray(schema, 'oneOf')].filter((member) => !isNull(member));
  if (branches.length > 0) return shapeOfUnion(definitions, branches, contentTypes, depth);
  const type = typeOfSchema(schema);
  if (type === 'array') {
    const item = fileShapeOf(definitions, own(schema, 'items') ?? {}, contentTypes, depth + 1);
    return item === undefined ? undefined : { ...item, arity: 'many' };
  }
  if (type === 'file') return { arity: 'one' };
  if (type !== undefined && type !== 'string') return undefined;
  const contentEncoding = ownString(schema, 'contentEncoding')?.toLowerCase();
  const media = ownString(schema, 'contentMediaType')?.trim();
  const said = media === undefined ? {} : { mediaType: media };
  if (contentEncoding === 'base64' || contentEncoding === 'base64url') return { arity: 'one', contentEncoding, ...said };
  return isBinaryText(definitions, schema, type, contentTypes) ? { arity: 'one', ...said } : undefined;
}

function isBinaryText(definitions: SchemaDefinitions, schema: JsonObject, type: string | undefined, contentTypes: readonly string[]): boolean {
  const media = ownString(schema, 'contentMediaType');
  if (ownString(schema, 'format') === 'binary' || (media !== undefined && isBinaryType(essenceOf(media)))) return true;
  if (contentTypes.length > 0) return contentTypes.every((name) => isBinaryType(essenceOf(name)));
  const saysNothing = ['enum', 'const', 'properties', 'additionalProperties', 'format', 'pattern', '$dynamicRef', 'items', 'allOf', 'not', 'default'].every((keyword) => !Object.hasOwn(schema, keyword));
  return type === undefined && !definitions.isVersion30 && saysNothing;
}

/** A file when every branch is one; the first that is none decides. */
function shapeOfUnion(definitions: SchemaDefinitions, branches: readonly JsonValue[], contentTypes: readonly string[], depth: number): FileShape | undefined {
  if (branches.length > maxBranches) return undefined;
  let union: FileShape | undefined;
  for (const branch of branches) {
    const shape = fileShapeOf(definitions, branch, contentTypes, depth + 1);
    if (shape === undefined) return undefined;
    union = union === undefined || union.arity === shape.arity ? (union ?? shape) : { ...union, arity: 'either' };
  }
  return union;
}

/** The argument that stands for a file. */
export function fileArgument(arity: FileShape['arity'], description: string | undefined, contentTypes: readonly string[] = []): JsonObject {
  const types = contentTypes.length === 0 ? '' : ` Accepted: ${contentTypes.join(', ')}.`;
  const file: JsonObject = {
    type: 'object',
    properties: {
      data: { type: 'string', description: 'The content in base64, or a data: URI.' },
      filename: { type: 'string', description: 'The name that the file is sent with.' },
      mime_type: { type: 'string', description: `The media type, for example image/png.${types}` },
    },
    required: ['data'],
    additionalProperties: false,
    description: arity === 'one' && description !== undefined ? description : 'A file.',
  };
  if (arity === 'one') return file;
  const files: JsonObject = { type: 'array', items: file };
  return { ...(arity === 'many' ? files : { anyOf: [file, files] }), description: description ?? 'Files.' };
}

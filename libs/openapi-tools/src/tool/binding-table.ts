import type { JsonValue } from '../json.js';
import type { PathTemplate } from '../operation/path-template.js';

/** The styles of OAS 3.2; `tabDelimited`, which only Swagger 2.0 has (`tsv`); and for a parameter with `content`: `json`, `text` (as it is) or `urlencoded` (a whole query). */
export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'tabDelimited' | 'deepObject' | 'cookie' | 'json' | 'text' | 'urlencoded';

export type ParameterLocation = 'path' | 'query' | 'querystring' | 'header' | 'cookie';

/** How a value becomes text. */
export interface Serialisation {
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  /** Sends a name without a value (`name=`) for null and for what has no members, which are otherwise left out. */
  readonly allowEmptyValue: boolean;
}

/** Where one argument goes: into a parameter of this location under this name on the wire. */
export interface ParameterBinding extends Serialisation {
  readonly key: string;
  readonly location: ParameterLocation;
  readonly name: string;
  /** The name as the request carries it: percent-encoded, a header's in lower case. */
  readonly wireName: string;
  readonly required: boolean;
  /** Bound whatever the arguments say: the argument is hidden from the tool. */
  readonly fixed?: JsonValue;
  /** Bound when the arguments do not have it. */
  readonly fallback?: JsonValue;
  /** Names of the same location that carry a credential in this document; an object argument may not set them. */
  readonly reservedNames: ReadonlySet<string>;
}

export interface BodyPropertyBinding {
  readonly key: string;
  readonly location: 'body';
  readonly name: string;
  readonly required: boolean;
  readonly fallback?: JsonValue;
}

/** The argument that says in which media type the body is sent. */
export interface ContentTypeBinding {
  readonly key: string;
  /** The type when the arguments do not have one, if it is another than the body's own. */
  readonly fallback?: string;
  /** The body in each of its other types; it takes the same arguments. */
  readonly bodies: ReadonlyMap<string, BodyBinding>;
}

/** How a body is written: the reader's view of its media type. */
export type BodyFormat = 'json' | 'json-lines' | 'json-sequence' | 'form' | 'multipart' | 'text' | 'binary';

/** How one value of a form, or one part of a multipart body, is written (the Encoding Object and what the schema implies). */
export interface PartEncoding {
  /** Set when `style`, `explode` or `allowReserved` was written: then content types do not count (OAS 3.2 §4.15.1.2). */
  readonly serialisation?: Serialisation;
  /** The declared content types, as written; empty: by the value's type. */
  readonly contentTypes: readonly string[];
  /** Fixed header fields of the part. */
  readonly headers: readonly (readonly [string, string])[];
  /** Whether the value is a file argument (or an array of them). */
  readonly isFile: boolean;
  /** The text form in which a file's bytes are written, if the schema asks for one. */
  readonly contentEncoding?: 'base64' | 'base64url';
  /** What a file without a type of its own is sent as, when no content type is declared (the schema's `contentMediaType`). */
  readonly fileType?: string;
}

interface BodyWriting {
  readonly mediaType: string;
  readonly format: BodyFormat;
  /** Whether a body is sent when nothing of it is given. */
  readonly required: boolean;
  /** By property name, for forms and multipart bodies. */
  readonly parts: ReadonlyMap<string, PartEncoding>;
  /** Of the properties that the schema does not name, when it says something of them; others are written by their type. */
  readonly furtherPart?: PartEncoding;
  /** For multipart bodies that are arrays: the encoding of each position, the last one for all further ones. */
  readonly positions: readonly PartEncoding[];
  /** Binary bodies: other declared types, which a file's own type may choose. */
  readonly alternatives: readonly string[];
  /** Binary bodies: the text form in which the bytes are written, if the schema asks for one. */
  readonly contentEncoding?: 'base64' | 'base64url';
  readonly contentType?: ContentTypeBinding;
}

export interface WholeBodyBinding extends BodyWriting {
  readonly kind: 'whole';
  readonly key: string;
  readonly fixed?: JsonValue;
  readonly fallback?: JsonValue;
}

export interface PropertiesBodyBinding extends BodyWriting {
  readonly kind: 'properties';
  /** The properties that are arguments. */
  readonly properties: readonly BodyPropertyBinding[];
  /** Argument key to property name. */
  readonly names: ReadonlyMap<string, string>;
  /** Those of the properties that have a fallback. */
  readonly fallbacks: readonly BodyPropertyBinding[];
  /** Hidden properties and their values. */
  readonly fixed: readonly (readonly [name: string, value: JsonValue])[];
  /** Whether the schema admits properties it does not name; such arguments go into the body as they are. */
  readonly isOpen: boolean;
  /** What stands before the name of such a further property in its key: nothing where arguments are flat. */
  readonly furtherPrefix: string;
  /** Keys of parameters and names of properties, which are no such further property. */
  readonly closedNames: ReadonlySet<string>;
}

export type BodyBinding = WholeBodyBinding | PropertiesBodyBinding;

/** All that is needed to turn arguments into a request; nothing is inferred from names at call time. */
export interface BindingTable {
  readonly parameters: readonly ParameterBinding[];
  readonly body?: BodyBinding;
  readonly path: PathTemplate;
  readonly accept: string;
  /** Nested arguments: those whose members are arguments, with keys `query.limit`. Absent where arguments are flat. */
  readonly groups?: ReadonlySet<string>;
}

/** Keys of the arguments that are files: a text given for one is its data. */
export function fileKeysOf(body: BodyBinding | undefined): ReadonlySet<string> {
  if (body === undefined) return new Set();
  if (body.kind === 'whole') return new Set(body.format === 'binary' ? [body.key] : []);
  return new Set(body.properties.flatMap(({ key, name }) => (body.parts.get(name)?.isFile === true ? [key] : [])));
}

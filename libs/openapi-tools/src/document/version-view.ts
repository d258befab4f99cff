import { ownArray, type JsonObject, type JsonValue } from '../json.js';

/** An object of the document (or one made in its place) and the JSON Pointer where it, or what it was made from, stands. */
export interface Located {
  readonly value: JsonValue;
  readonly at: string;
}

/** A Parameter Object, or a reference to one. */
export interface LocatedParameter extends Located {
  /** Other operations may have it too: it stands in the path item, or (followed already) in a component. */
  readonly isShared: boolean;
}

/** What a view needs of an operation. */
export interface OperationSource {
  readonly pathItem: JsonObject;
  readonly definition: JsonObject;
  /** JSON Pointer of the Operation Object. */
  readonly pointer: string;
}

/** Server Objects, and whether they are the document's own (which a configured base URL replaces) or said for a path or an operation. */
export interface ServerList {
  readonly servers: readonly JsonValue[];
  readonly isDefault: boolean;
}

/** The parameters as written, the path item's first. */
export function writtenParameters({ pathItem, definition, pointer }: OperationSource): readonly LocatedParameter[] {
  const written: LocatedParameter[] = [];
  // Of `/paths/<path>/<method>`: a path has no slash in its token.
  const pathPointer = pointer.slice(0, pointer.indexOf('/', '/paths/'.length));
  locate(ownArray(pathItem, 'parameters'), `${pathPointer}/parameters/`, true, written);
  locate(ownArray(definition, 'parameters'), `${pointer}/parameters/`, false, written);
  return written;
}

function locate(values: readonly JsonValue[], folder: string, isShared: boolean, written: LocatedParameter[]): void {
  let index = 0;
  for (const value of values) {
    written.push({ value, at: folder + index, isShared });
    index += 1;
  }
}

/**
 * A document of any version, read as OpenAPI 3: every method answers with objects of the shape that 3.x gives them, taken from the
 * document or made on demand. The document itself is never rewritten (openapi.md decision 1). References are left to the reader.
 */
export interface VersionView {
  /** Tokens of the place whose schemas keep their own names in a tool's `$defs`. */
  readonly schemaFolder: readonly string[];
  /** Security Scheme Objects by name, references followed. */
  readonly securitySchemes: ReadonlyMap<string, JsonObject>;
  /** Parameter Objects: the path item's, then the operation's. */
  parameters(operation: OperationSource): readonly LocatedParameter[];
  /** The Request Body Object. */
  requestBody(operation: OperationSource): Located | undefined;
  /** Response Objects by status, as written (`200`, `4XX`, `default`). */
  responses(operation: OperationSource): readonly (readonly [status: string, response: Located])[];
  /** Server Objects that apply: the operation's, else its path's, else the document's. Without an operation: the document's. */
  servers(operation?: OperationSource): ServerList;
}

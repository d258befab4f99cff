import { isObject, type JsonObject, type JsonValue } from '../json.js';
import { definitionNames, mapSubschemas } from './subschemas.js';

/** A schema and its JSON; tools share it and put theirs together from it. */
export interface WrittenSchema {
  readonly schema: JsonObject;
  readonly json: string;
  /** Bytes of `json`. */
  readonly bytes: number;
  /** Names of the definitions that it refers to, in the order in which they stand. */
  readonly uses: ReadonlySet<string>;
}

export function writeSchema(schema: JsonObject): WrittenSchema {
  const json = JSON.stringify(schema);
  return { schema, json, bytes: Buffer.byteLength(json), uses: definitionNames(schema) };
}

/** The root of a tool's schema, its arguments written by `write`; as an object it is made when it is asked for. */
export class WrittenRoot implements WrittenSchema {
  readonly json: string;
  readonly bytes: number;
  readonly uses = new Set<string>();
  readonly #root: JsonObject;
  readonly #write: (part: JsonObject) => WrittenSchema;

  constructor(root: JsonObject, write: (part: JsonObject) => WrittenSchema) {
    this.#root = root;
    this.#write = write;
    this.json = textOfMembers(root, (value, keyword) => (keyword === 'properties' && isObject(value) ? textOfMembers(value, (part) => this.#textOf(part)) : this.#textOf(value)));
    this.bytes = Buffer.byteLength(this.json);
  }

  get schema(): JsonObject {
    return mapSubschemas(this.#root, (part) => this.#write(part).schema);
  }

  #textOf(value: JsonValue): string {
    if (!isObject(value)) return JSON.stringify(value);
    const { json, uses } = this.#write(value);
    for (const name of uses) this.uses.add(name);
    return json;
  }
}

function textOfMembers(object: JsonObject, textOf: (value: JsonValue, name: string) => string): string {
  let text = '';
  for (const name of Object.keys(object)) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${textOf(object[name] ?? null, name)}`;
  return `{${text}}`;
}

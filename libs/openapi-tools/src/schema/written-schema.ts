import type { JsonObject } from '../json.js';
import { definitionNames } from './subschemas.js';

/** A schema and its JSON; tools share it and put theirs together from it. */
export interface WrittenSchema {
  readonly schema: JsonObject;
  readonly json: string;
  /** Bytes of `json`. */
  readonly bytes: number;
  /** Names of the definitions that it refers to, in the order in which they stand. */
  readonly uses: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

export function writeSchema(schema: JsonObject): WrittenSchema {
  const json = JSON.stringify(schema);
  // Most schemas refer to nothing, which their text says sooner than a walk; soonest for what starts with a rare character.
  return { schema, json, bytes: Buffer.byteLength(json), uses: json.includes('$ref') ? definitionNames(schema) : none };
}

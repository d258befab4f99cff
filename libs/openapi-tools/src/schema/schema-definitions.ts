import { isObject, own, ownObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { pointerTokens, ReferenceResolver } from '../document/reference.js';
import { RepairList, type Repair } from '../repair.js';
import { SchemaConverter } from './schema-converter.js';
import { SchemaViews } from './schema-views.js';
import { shortHash } from '../short-hash.js';

/** A converted `$ref` target: one entry of `$defs`. */
interface Definition {
  readonly name: string;
  readonly schema: JsonObject;
  readonly uses: readonly DefinitionUse[];
  readonly repairs: readonly Repair[];
}

/** A `$ref` target as used: `hidden` are names that are read-only where it is joined, so it must not require them there. */
export interface DefinitionUse {
  readonly pointer: string;
  readonly hidden: readonly string[];
}

export interface ConvertedSchema {
  readonly schema: JsonObject;
  readonly uses: readonly DefinitionUse[];
}

/**
 * The schemas of one document as JSON Schema 2020-12 for requests, without dereferencing: a `$ref` becomes
 * `#/$defs/<name>`, its target is converted once, and tools embed the transitive closure of what they use.
 * Conversion does not change the document and does not depend on the order in which operations are compiled.
 */
export class SchemaDefinitions {
  readonly references: ReferenceResolver;
  readonly views: SchemaViews;
  readonly isVersion30: boolean;
  readonly #componentSchemas: JsonObject;
  readonly #definitions = new Map<string, Definition>();

  constructor(root: JsonObject, openapi: string, url: string | undefined) {
    this.isVersion30 = openapi.startsWith('3.0');
    this.references = new ReferenceResolver(root, url);
    this.views = new SchemaViews(this.references, this.isVersion30);
    this.#componentSchemas = ownObject(ownObject(root, 'components') ?? {}, 'schemas') ?? {};
  }

  /** Converts a schema that stands in an operation; `at` is its JSON Pointer and only used to name repairs. */
  convert(schema: JsonValue, at: string, repairs: RepairList): ConvertedSchema {
    const converter = new SchemaConverter(this, repairs, '');
    return { schema: converter.convert(schema, at), uses: converter.uses };
  }

  /** The name under which a target is embedded, in `[A-Za-z0-9_.-]`; a component schema keeps its own where it can. */
  nameOf({ pointer, hidden }: DefinitionUse): string {
    const tokens = pointerTokens(pointer);
    const last = tokens.at(-1) ?? 'schema';
    const isComponent = tokens.length === 3 && tokens[0] === 'components' && tokens[1] === 'schemas';
    if (isComponent && hidden.length === 0 && /^[A-Za-z0-9_.-]{1,128}$/.test(last) && last !== '__proto__') return last;
    const base = last.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 64);
    let name = `${base}_${shortHash([pointer, ...hidden])}`;
    while (Object.hasOwn(this.#componentSchemas, name)) name += '_';
    return name;
  }

  /** All definitions that `uses` need, transitively, in a stable order. */
  closure(uses: Iterable<DefinitionUse>, repairs: RepairList): JsonObject {
    const needed = new Map<string, DefinitionUse>();
    for (const use of uses) needed.set(keyOf(use), use);
    const schemas: JsonDraft = {};
    // The map grows while it is read, until nothing new is used.
    for (const use of needed.values()) {
      const definition = this.#define(use);
      put(schemas, definition.name, definition.schema);
      repairs.addAll(definition.repairs);
      for (const next of definition.uses) needed.set(keyOf(next), next);
    }
    return schemas;
  }

  #define(use: DefinitionUse): Definition {
    const key = keyOf(use);
    const known = this.#definitions.get(key);
    if (known) return known;
    const repairs = new RepairList();
    const converter = new SchemaConverter(this, repairs, use.pointer);
    const schema = converter.convertTarget(use.pointer, new Set(use.hidden));
    const definition = { name: this.nameOf(use), schema, uses: converter.uses, repairs: repairs.toArray() };
    this.#definitions.set(key, definition);
    return definition;
  }
}

const keyOf = ({ pointer, hidden }: DefinitionUse): string => (hidden.length === 0 ? pointer : `${pointer}\n${hidden.join('\n')}`);

/** True for a schema object that carries a `$ref` to follow. */
export function isReference(value: JsonValue): value is JsonObject & { readonly $ref: string } {
  return isObject(value) && typeof own(value, '$ref') === 'string';
}

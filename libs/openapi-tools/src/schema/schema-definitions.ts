import { isObject, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import { escapeToken, pointerTokens, ReferenceResolver } from '../document/reference.js';
import { SharedParts } from '../document/shared-parts.js';
import { RepairList, type Repair } from '../repair.js';
import { SchemaConverter } from './schema-converter.js';
import { SchemaChecker } from './schema-checker.js';
import { SchemaViews, type Direction } from './schema-views.js';
import { stripInvisible } from './plain-text.js';
import { shortHash } from '../short-hash.js';
import { writeSchema, type WrittenSchema } from './written-schema.js';

/** A converted `$ref` target: one entry of `$defs`. */
export interface Definition {
  readonly name: string;
  readonly schema: JsonObject;
  readonly uses: readonly DefinitionUse[];
  readonly repairs: readonly Repair[];
}

/**
 * A `$ref` target as used: `hidden` are names that are not carried where it is joined, so it must not require them there; `isOpen`: it is
 * joined with others, so it must not refuse what they name.
 */
export interface DefinitionUse {
  readonly pointer: string;
  readonly hidden: readonly string[];
  readonly isOpen: boolean;
}

export interface ConvertedSchema {
  readonly schema: JsonObject;
  readonly uses: readonly DefinitionUse[];
}

/**
 * The schemas of one document as JSON Schema 2020-12 for one direction, without dereferencing: a `$ref` becomes
 * `#/$defs/<name>`, its target is converted once, and tools embed the transitive closure of what they use.
 * Conversion does not change the document and does not depend on the order in which operations are compiled.
 */
export class SchemaDefinitions {
  readonly references: ReferenceResolver;
  readonly views: SchemaViews;
  /** The schema dialect of OpenAPI 3.0, which is Swagger 2.0's too: siblings of `$ref` are ignored, `nullable` or `x-nullable` adds null. */
  readonly isVersion30: boolean;
  readonly direction: Direction;
  /** Checks values against converted schemas; shared, so that a document's patterns are compiled once. */
  readonly checker: SchemaChecker;
  /** Checks defaults, each by its own schema; what a reference says of one is left open. */
  readonly literals = new SchemaChecker(() => undefined);
  readonly #root: JsonObject;
  readonly #openapi: string;
  readonly #folder: readonly string[];
  readonly #componentSchemas: JsonObject;
  readonly #definitions = new Map<string, Definition>();
  readonly #rewritten = new Map<string, Map<string, WrittenSchema>>();
  /** What stands in operations and is shared by them, and how it is written for each variant. */
  readonly #shared = new SharedParts<ConvertedSchema>();
  readonly #written = new Map<JsonObject, Map<string, WrittenSchema>>();
  readonly #clean = new Set<JsonObject>();
  #children: ReadonlyMap<string, readonly string[]> | undefined;
  /** By what {@link keyOf} says of a use. */
  readonly #names = new Map<string, string>();
  readonly #usesByName = new Map<string, DefinitionUse>();

  /** @param openapi the version's text; `2.0` is Swagger */
  constructor(root: JsonObject, openapi: string, url: string | undefined, direction: Direction = 'request', references = new ReferenceResolver(root, url)) {
    this.#root = root;
    this.#openapi = openapi;
    this.#folder = openapi === '2.0' ? ['definitions'] : ['components', 'schemas'];
    this.isVersion30 = openapi.startsWith('3.0') || openapi === '2.0';
    this.direction = direction;
    this.references = references;
    this.views = new SchemaViews(references, this.isVersion30, direction);
    this.checker = new SchemaChecker((name) => this.definitionOf(name)?.schema);
    this.#componentSchemas = this.#folder.reduce<JsonObject>((folder, token) => ownObject(folder, token) ?? {}, root);
  }

  /** The same document's schemas as its responses have them: without `writeOnly` properties, with `readOnly` ones. */
  forResponses(): SchemaDefinitions {
    return new SchemaDefinitions(this.#root, this.#openapi, undefined, 'response', this.references);
  }

  /** Converts a schema that stands in an operation; `at` is its JSON Pointer and only used to name repairs. */
  convert(schema: JsonValue, at: string, repairs: RepairList): ConvertedSchema {
    const converter = new SchemaConverter(this, repairs, '');
    return { schema: converter.convert(schema, at), uses: converter.uses };
  }

  /** The same once for all operations that have `owner` (kept as long as the document), whose schema stands `below` it; `finish` adds what that says beside it. */
  convertShared(owner: object, at: string, schema: JsonValue, below: string, repairs: RepairList, finish: (schema: JsonObject) => JsonObject): ConvertedSchema {
    return this.#shared.read(owner, at, repairs, (told) => {
      const { schema: converted, uses } = this.convert(schema, below, told);
      const finished = finish(converted);
      this.#written.set(finished, new Map());
      if (!stripInvisible(ownString(finished, 'description') ?? '').isChanged) this.#clean.add(finished);
      return { schema: finished, uses };
    });
  }

  /** Whether a schema was shared by {@link convertShared} and its description has no invisible characters. */
  isKnownClean(schema: JsonObject): boolean {
    return this.#clean.has(schema);
  }

  /** A converted schema that stands in an operation as {@link rewritten} for a variant, once where operations share it. */
  write(variant: string, schema: JsonObject, rewrite: (schema: JsonObject) => JsonObject): WrittenSchema {
    const variants = this.#written.get(schema);
    const known = variants?.get(variant);
    if (known !== undefined) return known;
    const written = writeSchema(rewrite(schema));
    variants?.set(variant, written);
    return written;
  }

  /** The name under which a target is embedded, in `[A-Za-z0-9_.-]`; a component schema keeps its own where it can. */
  nameOf(use: DefinitionUse): string {
    const key = keyOf(use);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#makeName(use);
    this.#names.set(key, name);
    if (!this.#usesByName.has(name)) this.#usesByName.set(name, use);
    return name;
  }

  #makeName(use: DefinitionUse): string {
    const { pointer, hidden, isOpen } = use;
    const tokens = pointerTokens(pointer);
    const last = tokens.at(-1) ?? 'schema';
    const isComponent = tokens.length === this.#folder.length + 1 && this.#folder.every((token, at) => tokens[at] === token);
    if (isComponent && hidden.length === 0 && !isOpen && /^[A-Za-z0-9_.-]{1,128}$/.test(last) && last !== '__proto__') return last;
    const base = last.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 64);
    let name = `${base}_${shortHash(isOpen ? [pointer, ...hidden, ''] : [pointer, ...hidden])}`;
    while (Object.hasOwn(this.#componentSchemas, name)) name += '_';
    return name;
  }

  /** The definition that a converted schema of this document calls `#/$defs/<name>`. */
  definitionOf(name: string): Definition | undefined {
    const use = this.#usesByName.get(name);
    return use === undefined ? undefined : this.#define(use);
  }

  /** The component schema of that name as a pointer, for a discriminator that names it. */
  pointerOfName(name: string): string {
    return [...this.#folder, name].map((token) => `/${escapeToken(token)}`).join('');
  }

  /**
   * A definition rewritten for one kind of use (`variant` names it and must stand for one `rewrite` only), made once and kept as long as the
   * document: tools share them.
   */
  rewritten(variant: string, name: string, rewrite: (schema: JsonObject) => JsonObject): WrittenSchema | undefined {
    let variants = this.#rewritten.get(variant);
    if (variants === undefined) {
      variants = new Map();
      this.#rewritten.set(variant, variants);
    }
    const known = variants.get(name);
    if (known !== undefined) return known;
    const definition = this.definitionOf(name);
    if (definition === undefined) return undefined;
    const made = writeSchema(rewrite(definition.schema));
    variants.set(name, made);
    return made;
  }

  /** Names of the component schemas that join the schema at `pointer` by `allOf`. */
  childrenOf(pointer: string): readonly string[] {
    this.#children ??= this.#findChildren();
    return this.#children.get(pointer) ?? [];
  }

  #findChildren(): ReadonlyMap<string, readonly string[]> {
    const children = new Map<string, string[]>();
    for (const [name, schema] of Object.entries(this.#componentSchemas)) {
      for (const member of isObject(schema) ? ownArray(schema, 'allOf') : []) {
        const reference = isObject(member) ? ownString(member, '$ref') : undefined;
        const target = reference === undefined ? undefined : this.references.resolve(reference);
        if (target?.kind === 'found') children.set(target.pointer, [...(children.get(target.pointer) ?? []), name]);
      }
    }
    return children;
  }

  /** All definitions that `uses` need, transitively, in a stable order. */
  *closure(uses: Iterable<DefinitionUse>): Iterable<Definition> {
    const needed = new Map<string, DefinitionUse>();
    for (const use of uses) needed.set(keyOf(use), use);
    // The map grows while it is read, until nothing new is used.
    for (const use of needed.values()) {
      const definition = this.#define(use);
      yield definition;
      for (const next of definition.uses) needed.set(keyOf(next), next);
    }
  }

  #define(use: DefinitionUse): Definition {
    const key = keyOf(use);
    const known = this.#definitions.get(key);
    if (known) return known;
    const repairs = new RepairList();
    const converter = new SchemaConverter(this, repairs, use.pointer);
    const schema = converter.convertTarget(use.pointer, { hidden: new Set(use.hidden), isOpen: use.isOpen });
    const definition = { name: this.nameOf(use), schema, uses: converter.uses, repairs: repairs.toArray() };
    this.#definitions.set(key, definition);
    return definition;
  }
}

const keyOf = ({ pointer, hidden, isOpen }: DefinitionUse): string => (hidden.length === 0 && !isOpen ? pointer : [pointer, isOpen ? 'open' : '', ...hidden].join('\n'));

import { clientProfiles, compileOperation, shapeOptionsOf, type ApiDocument, type CompiledOperation, type CompileOptions, type Operation, type ShapeOptions } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';

/** An API of a tenant, as its settings and one revision of its document make it. */
export interface Api {
  readonly settings: ApiSettings;
  readonly document: ApiDocument;
  /** Every scope that the document's operations and the API's `scopes` mapping know, sorted. */
  readonly scopes: readonly string[];
}

/** Rough length of a token, for budgets that operators give in tokens. */
const CHARACTERS_PER_TOKEN = 4;

/** What an API's settings say of all its tools. */
export function compileOptions({ profile, argumentMode, contentTypeArgument }: ApiSettings): CompileOptions {
  return { profile: clientProfiles[profile] ?? clientProfiles.default, argumentMode, contentTypeArgument };
}

/** Something that a caller can use: today a tool made from an operation. */
export class Entry {
  #compiled: CompiledOperation | undefined;
  #shaping: ShapeOptions | undefined;

  constructor(
    /** Tool name: the API's name, `_`, the operation's; unique in the tenant. */
    readonly name: string,
    readonly api: Api,
    readonly operation: Operation,
  ) {}

  /** `api.operation`, as patterns of the configuration name it. */
  get path(): string {
    return `${this.api.settings.name}.${this.operation.name}`;
  }

  /** Compiled at the first use: a list or a call. */
  get compiled(): CompiledOperation {
    this.#compiled ??= compileOperation(this.api.document, this.operation, compileOptions(this.api.settings));
    return this.#compiled;
  }

  /** How answers become results. */
  get shaping(): ShapeOptions {
    this.#shaping ??= { ...shapeOptionsOf(this.compiled), maxText: this.api.settings.results.maxTokens * CHARACTERS_PER_TOKEN };
    return this.#shaping;
  }
}

import { clientProfiles, compileOperation, shapeOptionsOf, type ApiDocument, type CompiledOperation, type CompileOptions, type Operation, type ShapeOptions } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { readSearchTerms, type SearchTerms } from './search-terms.js';

/** An API of a tenant, as its settings and one revision of its document make it. */
export interface Api {
  readonly settings: ApiSettings;
  readonly document: ApiDocument;
  /** Every scope that the document's operations and the API's `scopes` mapping know, sorted. */
  readonly scopes: readonly string[];
}

/** Rough length of a token, for budgets that operators give in tokens. */
const CHARACTERS_PER_TOKEN = 4;

/** What an API's settings say of all its tools. @param profile in place of theirs */
export function compileOptions({ profile: own, argumentMode, contentTypeArgument }: ApiSettings, profile = own): CompileOptions {
  return { profile: clientProfiles[profile] ?? clientProfiles.default, argumentMode, contentTypeArgument };
}

/** Something that a caller can use: today a tool made from an operation. */
export class Entry {
  readonly #profile: string;
  /** The same for clients of other profiles, by profile: as many as there are profiles at most. */
  #others: Map<string, Entry> | undefined;
  #compiled: CompiledOperation | undefined;
  #shaping: ShapeOptions | undefined;
  #searchTerms: SearchTerms | undefined;

  constructor(
    /** Tool name: the API's name, `_`, the operation's; unique in the tenant. */
    readonly name: string,
    readonly api: Api,
    readonly operation: Operation,
    profile: string = api.settings.profile,
  ) {
    this.#profile = profile;
  }

  /** `api.operation`, as patterns of the configuration name it. */
  get path(): string {
    return `${this.api.settings.name}.${this.operation.name}`;
  }

  /** The entry as clients of the profile know it, argument names included; of no profile: as the API's settings say. */
  underProfile(profile: string | undefined): Entry {
    if (profile === undefined || profile === this.#profile) return this;
    this.#others ??= new Map();
    const other = this.#others.get(profile) ?? new Entry(this.name, this.api, this.operation, profile);
    this.#others.set(profile, other);
    return other;
  }

  /** Compiled at the first use: a list, a search or a call. */
  get compiled(): CompiledOperation {
    this.#compiled ??= compileOperation(this.api.document, this.operation, compileOptions(this.api.settings, this.#profile));
    return this.#compiled;
  }

  /** Made once for all the views that have the entry. */
  get searchTerms(): SearchTerms {
    this.#searchTerms ??= readSearchTerms(this.name, this.compiled);
    return this.#searchTerms;
  }

  /** How answers become results. */
  get shaping(): ShapeOptions {
    this.#shaping ??= { ...shapeOptionsOf(this.compiled), maxText: this.api.settings.results.maxTokens * CHARACTERS_PER_TOKEN };
    return this.#shaping;
  }
}

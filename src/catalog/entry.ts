import { clientProfiles, compileOperation, shapeOptionsOf, type ApiDocument, type CompiledOperation, type CompileOptions, type Operation, type ShapeOptions } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { describeUpstream } from '../config/credentialed.js';
import { searchTermsOf, type SearchTerms } from './search-terms.js';

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

/** A tool that a caller can use, whatever makes it. */
export interface Entry {
  /** Tool name, unique in the tenant. */
  readonly name: string;
  /** The API or group that it belongs to. */
  readonly group: string;
  /** `group.operation`, as patterns of the configuration name it. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** Alternatives of what a caller must hold, all of one, under the names that callers hold it by. */
  readonly required: readonly (readonly string[])[];
  /** What a search knows of it. */
  readonly searchTerms: SearchTerms;
  /** As tools/list shows it, JSON text. */
  toolJson(): string;
  /** The entry as clients of the profile know it, argument names included; of no profile: as it is. */
  underProfile(profile: string | undefined): Entry;
}

/** What the token of a call has to be good for, under the names that the API or server itself uses. */
export interface TokenBound {
  /** In words. */
  readonly upstream: string;
  /** Every scope that is known there. */
  readonly scopes: readonly string[];
  /** Alternatives of what the entry needs. */
  readonly needed: readonly (readonly string[])[];
  /** What the caller must hold for one of these scopes. */
  scopeOfCaller(scope: string): string;
}

/** A tool made from an operation. */
export class OpenapiEntry implements Entry, TokenBound {
  readonly #profile: string;
  /** The same for clients of other profiles, by profile: as many as there are profiles at most. */
  #others: Map<string, OpenapiEntry> | undefined;
  #compiled: CompiledOperation | undefined;
  #shaping: ShapeOptions | undefined;
  #searchTerms: SearchTerms | undefined;
  #required: readonly (readonly string[])[] | undefined;

  constructor(
    /** Tool name: the API's name, `_`, the operation's; unique in the tenant. */
    readonly name: string,
    readonly api: Api,
    readonly operation: Operation,
    profile: string = api.settings.profile,
  ) {
    this.#profile = profile;
  }

  get group(): string {
    return this.api.settings.name;
  }

  get path(): string {
    return `${this.group}.${this.operation.name}`;
  }

  get upstream(): string {
    return describeUpstream(this.api.settings);
  }

  get scopes(): readonly string[] {
    return this.api.scopes;
  }

  get needed(): readonly (readonly string[])[] {
    return this.operation.security;
  }

  get title(): string {
    return this.operation.title;
  }

  get description(): string {
    return this.operation.description;
  }

  get required(): readonly (readonly string[])[] {
    this.#required ??= this.operation.security.map((alternative) => alternative.map((scope) => this.scopeOfCaller(scope)));
    return this.#required;
  }

  /** What the caller must hold for an API's scope: by default the scope of the same name. */
  scopeOfCaller(scope: string): string {
    const { scopes } = this.api.settings;
    return Object.hasOwn(scopes, scope) ? (scopes[scope] ?? scope) : scope;
  }

  /** Of no profile: as the API's settings say. */
  underProfile(profile: string | undefined): OpenapiEntry {
    if (profile === undefined || profile === this.#profile) return this;
    this.#others ??= new Map();
    const other = this.#others.get(profile) ?? new OpenapiEntry(this.name, this.api, this.operation, profile);
    this.#others.set(profile, other);
    return other;
  }

  /** Compiled at the first use: a list, a search or a call. */
  get compiled(): CompiledOperation {
    this.#compiled ??= compileOperation(this.api.document, this.operation, compileOptions(this.api.settings, this.#profile));
    return this.#compiled;
  }

  toolJson(): string {
    return this.compiled.toolJson(this.name);
  }

  /** Made once for all the views that have the entry. */
  get searchTerms(): SearchTerms {
    this.#searchTerms ??= searchTermsOf(this.name, this.compiled);
    return this.#searchTerms;
  }

  /** How answers become results. */
  get shaping(): ShapeOptions {
    this.#shaping ??= { ...shapeOptionsOf(this.compiled), maxText: this.api.settings.results.maxTokens * CHARACTERS_PER_TOKEN };
    return this.#shaping;
  }
}

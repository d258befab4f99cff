import { clientProfiles, createArgumentsCheck, cutAt, rewriteForProfile, type JsonObject, type ValidationResult } from '@gatehouse-mcp/openapi-tools';
import type { Entry, TokenBound } from '../entry.js';
import { compilePatterns } from '../entry-pattern.js';
import { readSearchTerms, type SearchTerms } from '../search-terms.js';
import { stripTexts } from './shown-texts.js';
import { groupOf, scopesOf, type McpOrigin } from './mcp.origin.js';
import type { ServerTool } from './server.definitions.js';

/** What entries of a server have in common: whose they are, and what a caller must hold. */
export abstract class ServerEntry implements TokenBound {
  readonly path: string;
  /** One alternative: everything that the server's `scopes` say of it. */
  readonly required: readonly (readonly string[])[];
  /** Every scope that the server's `scopes` name: all that an exchange may ask for. */
  readonly scopes: readonly string[];

  constructor(
    readonly origin: McpOrigin,
    /** As it is listed; the server's own name for it is in the definition. */
    readonly name: string,
  ) {
    this.path = `${this.group}.${name.slice(this.group.length + 1)}`;
    const named = Object.entries(scopesOf(origin));
    this.scopes = [...new Set(named.map(([, scope]) => scope))].toSorted();
    this.required = [named.filter(([pattern]) => compilePatterns([pattern])(this.path)).map(([, scope]) => scope)];
  }

  get group(): string {
    return groupOf(this.origin);
  }

  get upstream(): string {
    return `MCP server "${this.group}"`;
  }

  get needed(): readonly (readonly string[])[] {
    return this.required;
  }

  /** The server's scopes have the names that callers hold them by. */
  scopeOfCaller(scope: string): string {
    return scope;
  }
}

/** A tool of another MCP server, as its approved definition has it. */
export class McpEntry extends ServerEntry implements Entry {
  readonly kind = 'tool';
  readonly title: string;
  readonly description: string;
  readonly #shown: Readonly<Record<string, unknown>>;
  /** Undefined: as it was approved. */
  readonly #profile: string | undefined;
  /** The same for clients of other profiles, by profile: as many as there are profiles at most. */
  #others: Map<string, McpEntry> | undefined;
  #json: string | undefined;
  #searchTerms: SearchTerms | undefined;
  #check: ((args: JsonObject) => ValidationResult) | undefined;

  constructor(
    origin: McpOrigin,
    name: string,
    readonly definition: ServerTool,
    profile?: string,
  ) {
    super(origin, name);
    const { title, description, inputSchema, outputSchema, annotations } = definition;
    const shown = stripTexts({ title: title ?? annotations?.title ?? definition.name, description: description ?? '', inputSchema });
    this.title = shown.title;
    this.description = shown.description;
    this.#shown = {
      ...shown,
      // Clients take no result of any other form for structured content.
      ...(outputSchema?.['type'] === 'object' ? { outputSchema: stripTexts(outputSchema) } : {}),
      ...(annotations === undefined ? {} : { annotations: stripTexts(annotations) }),
    };
    this.#profile = profile;
  }

  get searchTerms(): SearchTerms {
    const { properties } = this.definition.inputSchema;
    const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
    this.#searchTerms ??= readSearchTerms({ name: this.name, title: this.title, tags: [this.group], key: '', arguments: names, description: this.description });
    return this.#searchTerms;
  }

  toolJson(): string {
    this.#json ??= JSON.stringify({ name: this.name, ...this.#underOwnProfile() });
    return this.#json;
  }

  underProfile(profile: string | undefined): McpEntry {
    if (profile === undefined || profile === this.#profile) return this;
    this.#others ??= new Map();
    const other = this.#others.get(profile) ?? new McpEntry(this.origin, this.name, this.definition, profile);
    this.#others.set(profile, other);
    return other;
  }

  check(args: JsonObject): ValidationResult {
    this.#check ??= createArgumentsCheck(this.definition.inputSchema);
    return this.#check(args);
  }

  #underOwnProfile(): Readonly<Record<string, unknown>> {
    const { outputSchema: _, ...rest } = this.#shown;
    const profile = this.#profile === undefined ? undefined : clientProfiles[this.#profile];
    if (!profile) return this.#shown;
    const inputSchema = rewriteForProfile(this.definition.inputSchema, profile);
    return { ...(profile.outputSchema ? this.#shown : rest), description: cutAt(this.description, profile.maxDescription), inputSchema: stripTexts(inputSchema) };
  }
}

import { ArgumentError } from '@gatehouse-mcp/openapi-tools';
import type { Entry } from '../entry.js';
import { readSearchTerms, type SearchTerms } from '../search-terms.js';
import type { Completions, InputSchema, NativeCall, PromptDefinition, ResourceDefinition, ToolDefinition } from './native.definitions.js';
import { UriPattern } from './uri.pattern.js';

type Handler = (input: unknown, call: NativeCall) => unknown;

/** An entry that is a method written in TypeScript; the same for every tenant. */
interface Native {
  /** `group_name`. */
  readonly name: string;
  /** `group.name`, as patterns of the configuration have it. */
  readonly path: string;
  readonly group: string;
  /** Alternatives of scopes or roles, as policy has them: one, of all that the entry names. */
  readonly required: readonly (readonly string[])[];
  /** Its place in a list, as JSON text. */
  readonly listed: string;
  readonly handle: Handler;
}

export class NativeTool implements Native, Entry {
  readonly kind = 'tool';
  readonly name: string;
  readonly path: string;
  readonly required: readonly (readonly string[])[];
  readonly listed: string;

  constructor(
    readonly group: string,
    readonly definition: ToolDefinition,
    readonly handle: Handler,
  ) {
    const { name, input, annotations, scopes = [] } = definition;
    this.name = `${group}_${name}`;
    this.path = `${group}.${name}`;
    this.required = [scopes];
    this.listed = JSON.stringify({ name: this.name, ...textsOf(definition), inputSchema: schemaOf(input), annotations });
  }

  get title(): string {
    return this.definition.title ?? this.name;
  }

  get description(): string {
    return this.definition.description;
  }

  get searchTerms(): SearchTerms {
    const { properties } = schemaOf(this.definition.input);
    return readSearchTerms({ name: this.name, title: this.title, tags: [this.group], key: '', arguments: Object.keys(properties ?? {}), description: this.description });
  }

  toolJson(): string {
    return this.listed;
  }

  underProfile(): this {
    return this;
  }

  /** @throws ArgumentError whose message lets a model repair its call */
  async readArguments(args: unknown): Promise<unknown> {
    const { input } = this.definition;
    if (!input) return {};
    const validation = await input['~standard'].validate(args);
    if (!validation.issues) return validation.value;
    throw new ArgumentError(validation.issues.map(({ path, message }) => `${describePath(path)}: ${message}`).join('; '));
  }
}

export class NativeResource implements Native {
  readonly kind = 'resource';
  readonly name: string;
  readonly path: string;
  readonly required: readonly (readonly string[])[];
  readonly listed: string;
  readonly uris: UriPattern;

  constructor(
    readonly group: string,
    readonly definition: ResourceDefinition,
    readonly handle: Handler,
  ) {
    const { name, uri, mimeType, scopes = [] } = definition;
    this.name = `${group}_${name}`;
    this.path = `${group}.${name}`;
    this.required = [scopes];
    this.uris = new UriPattern(uri);
    this.listed = JSON.stringify({ [this.isTemplate ? 'uriTemplate' : 'uri']: uri, name: this.name, ...textsOf(definition), mimeType });
  }

  get isTemplate(): boolean {
    return this.uris.variables.length > 0;
  }

  get uri(): string {
    return this.definition.uri;
  }

  /** @returns the values of its variables */
  match(uri: string): Readonly<Record<string, string>> | undefined {
    return this.uris.match(uri);
  }

  get completions(): Completions {
    return this.definition.complete ?? {};
  }
}

export class NativePrompt implements Native {
  readonly kind = 'prompt';
  readonly name: string;
  readonly path: string;
  readonly required: readonly (readonly string[])[];
  readonly listed: string;

  constructor(
    readonly group: string,
    readonly definition: PromptDefinition,
    readonly handle: Handler,
  ) {
    const { name, arguments: args, scopes = [] } = definition;
    this.name = `${group}_${name}`;
    this.path = `${group}.${name}`;
    this.required = [scopes];
    this.listed = JSON.stringify({ name: this.name, ...textsOf(definition), arguments: args });
  }

  get completions(): Completions {
    return this.definition.complete ?? {};
  }

  /** @throws ArgumentError for one that is missing, unknown, or no text */
  readArguments(args: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
    const { arguments: known = [] } = this.definition;
    for (const { name, required } of known) if (required && args[name] === undefined) throw new ArgumentError(`the argument "${name}" is missing`);
    for (const [name, value] of Object.entries(args)) {
      if (!known.some((argument) => argument.name === name)) throw new ArgumentError(`there is no argument "${name}"; there are ${known.map((argument) => argument.name).join(', ') || 'none'}`);
      if (typeof value !== 'string') throw new ArgumentError(`the argument "${name}" must be a text`);
    }
    // Each has just been seen to be a text.
    return args as Readonly<Record<string, string>>;
  }
}

export type NativeEntry = NativeTool | NativeResource | NativePrompt;

const textsOf = ({ title, description }: { readonly title?: string; readonly description: string }) => ({ title, description });

function schemaOf(input: InputSchema | undefined): Readonly<Record<string, unknown>> {
  if (!input) return { type: 'object', properties: {}, additionalProperties: false };
  const { $schema: _, ...schema } = input['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  return schema;
}

const describePath = (path: readonly unknown[] | undefined): string =>
  (path ?? []).map((part) => String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)).join('.') || 'the arguments';

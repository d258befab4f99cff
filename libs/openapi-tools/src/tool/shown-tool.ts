import type { ApiDocument } from '../document/load-document.js';
import type { Operation } from '../operation/operation.js';
import { cutAt } from './apply-profile.js';
import type { ArgumentsSchema } from './arguments-schema.js';
import { clientProfiles, type ClientProfile } from './client-profile.js';
import type { CompileOptions, ToolDefinition } from './compile-operation.js';
import type { FittedSchema } from './fit-schema.js';
import { readOutput, type OutputContract } from './output-schema.js';
import { showArguments } from './show-schema.js';

const defaultInputBytes = 32 * 1024;
const defaultOutputBytes = 16 * 1024;

/** One operation as `tools/list` shows it to the clients of a profile; each part is made when it is first asked for, and once. */
export class ShownTool {
  readonly contract: { readonly output?: OutputContract };
  readonly #document: ApiDocument;
  readonly #operation: Operation;
  readonly #profile: ClientProfile;
  readonly #arguments: ArgumentsSchema;
  readonly #maxInputBytes: number;
  #input: FittedSchema | undefined;
  #definition: ToolDefinition | undefined;
  #rest: string | undefined;

  /** @param input the whole schema of the arguments, its definitions those of the document */
  constructor(document: ApiDocument, operation: Operation, input: ArgumentsSchema, options: CompileOptions) {
    const profile = options.profile ?? clientProfiles.default;
    this.#document = document;
    this.#operation = operation;
    this.#profile = profile;
    this.#arguments = input;
    this.#maxInputBytes = options.maxInputBytes ?? defaultInputBytes;
    const output = profile.outputSchema ? readOutput(document, operation, profile, options.maxOutputBytes ?? defaultOutputBytes) : undefined;
    this.contract = output === undefined ? {} : { output };
  }

  get definition(): ToolDefinition {
    this.#definition ??= this.#describe();
    return this.#definition;
  }

  get isShortened(): boolean {
    return this.#shown.isShortened;
  }

  json(name: string): string {
    this.#rest ??= this.#writeRest();
    return `{"name":${JSON.stringify(name)}${this.#rest}`;
  }

  get #shown(): FittedSchema {
    this.#input ??= showArguments(this.#arguments, this.#document.definitions, this.#profile, this.#maxInputBytes);
    return this.#input;
  }

  /** What follows the name; the same members in the same order as {@link definition}. */
  #writeRest(): string {
    const { title, annotations } = this.#operation;
    const { output } = this.contract;
    const outputSchema = output === undefined ? '' : `,"outputSchema":${JSON.stringify(output.schema)}`;
    return `,"title":${JSON.stringify(title)},"description":${JSON.stringify(this.#description)},"inputSchema":${this.#shown.json}${outputSchema},"annotations":${JSON.stringify(annotations)}}`;
  }

  get #description(): string {
    return cutAt(this.#operation.description, this.#profile.maxDescription);
  }

  #describe(): ToolDefinition {
    const { name, title, annotations } = this.#operation;
    const { output } = this.contract;
    return {
      name,
      title,
      description: this.#description,
      inputSchema: this.#shown.schema,
      ...(output === undefined ? {} : { outputSchema: output.schema }),
      annotations,
    };
  }
}

import type { ApiDocument } from '../document/load-document.js';
import { parseServerBase, readOperationServer, serverBaseUnder, type OperationServer, type ServerBase } from '../document/server-url.js';
import { ArgumentValidator, type ValidationResult } from '../arguments/argument-validator.js';
import { isObject, ownObject, ownString, type JsonObject } from '../json.js';
import { essenceOf, isJsonType, isWildcard } from '../media-type.js';
import type { ArgumentMode } from '../operation/operation-override.js';
import type { Operation, ToolAnnotations } from '../operation/operation.js';
import { parsePathTemplate } from '../operation/path-template.js';
import { RepairList, type Repair } from '../repair.js';
import type { DefinitionUse } from '../schema/schema-definitions.js';
import { cleanText } from '../schema/invisible-text.js';
import { clientProfiles, type ClientProfile } from './client-profile.js';
import { ShownTool } from './shown-tool.js';
import type { OutputContract } from './output-schema.js';
import { planArguments, type ArgumentPlan } from './argument-plan.js';
import { ArgumentsSchema } from './arguments-schema.js';
import type { BindingTable } from './binding-table.js';
import type { ConvertSchema } from './body-slots.js';
import { keyOf, nestedSchema, type ShownArgument } from './nested-arguments.js';
import { convertParameter } from './parameter-schema.js';

export interface CompileOptions {
  /** Most body properties that become arguments of their own; above it the body is one argument. Default 40. */
  readonly maxBodyArguments?: number;
  /** Which clients' limits the tool keeps; default `clientProfiles.default`. */
  readonly profile?: ClientProfile;
  /** Most bytes of JSON that an input schema shows; default 32 KiB. Arguments are checked against the whole schema all the same. */
  readonly maxInputBytes?: number;
  /** Most bytes of JSON of an output schema; default 16 KiB. */
  readonly maxOutputBytes?: number;
  /** `nested`: one object argument for each of path, query, header, cookie and body. Default `flat`; an operation's own override wins. */
  readonly argumentMode?: ArgumentMode;
  /**
   * Adds the argument `content_type` where the body has several media types that can be sent from the same arguments. Default false; an
   * operation's own override wins.
   */
  readonly contentTypeArgument?: boolean;
}

/** What a tool looks like in `tools/list`. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12; the root is `type: object` without combinators, every `$ref` is `#/$defs/…` of this schema. */
  readonly inputSchema: JsonObject;
  /** Root `type: object`; only for profiles that take output schemas. */
  readonly outputSchema?: JsonObject;
  readonly annotations: ToolAnnotations;
}

export interface CompiledOperation {
  readonly operation: Operation;
  /** What `tools/list` shows to clients of the profile; made when it is first asked for. */
  readonly tool: ToolDefinition;
  /** Set when the tool has an output schema: then every success needs structured content, `{}` where `accepts` refuses the answer. */
  readonly output?: OutputContract;
  readonly binding: BindingTable;
  /** What the tool's arguments are called; in nested mode, the members of its groups. */
  readonly argumentNames: readonly string[];
  /** Of all that the tool is made from, the shortening included. Walks the whole closure when first asked for. */
  readonly repairs: readonly Repair[];
  /** Media type of the request body, when there may be one. */
  readonly bodyMediaType: string | undefined;
  /** The document's own base URL for this operation, when it has a usable one. */
  readonly serverUrl: string | undefined;
  /**
   * Checks arguments against the operation's whole schema (nothing is compiled; linear-time patterns). `args` of the result are
   * those to bind: the given ones, or a copy in which text was read as JSON where the schema has no place for text.
   */
  validate(args: JsonObject): ValidationResult;
  /** The tool's JSON under this name (a server's prefix and its own, say); all but the name is written once. */
  toolJson(name: string): string;
  /**
   * The base that requests are built on: `override` in place of the document's default server (servers that an operation or its path
   * has for itself stay, relative ones resolved against it), else the document's; undefined when that is no http(s) URL.
   */
  serverBase(override?: string): ServerBase | undefined;
}

/**
 * Compiles one operation into a tool and its binding. Pure (the caller caches) and total: what is wrong in the document
 * becomes a repair. Nothing outside the document is read.
 */
export function compileOperation(document: ApiDocument, operation: Operation, options: CompileOptions = {}): CompiledOperation {
  const repairs = new RepairList();
  if (operation.path.includes('#')) repairs.add('fragment-in-path', operation.pointer, 'The path has a fragment, which is never sent.');
  const profile = options.profile ?? clientProfiles.default;
  const uses: DefinitionUse[] = [];
  const convert: ConvertSchema = (schema, at, parameter) => {
    const converted = parameter === undefined ? document.definitions.convert(schema, at, repairs) : convertParameter(document, parameter, at, repairs);
    for (const use of converted.uses) uses.push(use);
    return converted.schema;
  };
  const { override } = operation;
  const planOptions = {
    maxBodyArguments: options.maxBodyArguments ?? 40,
    keyPattern: profile.keyPattern,
    isNested: (override?.argumentMode ?? options.argumentMode) === 'nested',
    hasContentType: override?.contentTypeArgument ?? options.contentTypeArgument ?? false,
  };
  const plan = planArguments(document, operation, convert, planOptions, repairs);
  repairs.addAll(operation.notes);
  const input = buildInputSchema(document, plan, operation, repairs);
  return new LazyOperation(document, operation, { plan, input, uses, repairs }, new ShownTool(document, operation, input, options));
}

/** What an operation is compiled to. */
interface Compiled {
  readonly plan: ArgumentPlan;
  readonly input: ArgumentsSchema;
  /** The definitions that the arguments refer to. */
  readonly uses: readonly DefinitionUse[];
  /** Those of the arguments; the others' are added when all are asked for. */
  readonly repairs: RepairList;
}

/** What only calls and reports need is made when it is first asked for: a list of tools asks for none of it. */
class LazyOperation implements CompiledOperation {
  declare readonly output?: OutputContract;
  readonly #document: ApiDocument;
  readonly #compiled: Compiled;
  readonly #tool: ShownTool;
  #binding: BindingTable | undefined;
  #repairs: readonly Repair[] | undefined;
  #server: OperationServer | undefined;
  #validator: ArgumentValidator | undefined;
  #ownBase: { readonly base: ServerBase | undefined } | undefined;
  /** The base is the same from call to call: it is taken apart once. */
  #last: { readonly text: string; readonly base: ServerBase | undefined } = noBase;

  constructor(
    document: ApiDocument,
    readonly operation: Operation,
    compiled: Compiled,
    tool: ShownTool,
  ) {
    this.#document = document;
    this.#compiled = compiled;
    this.#tool = tool;
    const { output } = tool.contract;
    if (output !== undefined) this.output = output;
  }

  get tool(): ToolDefinition {
    return this.#tool.definition;
  }

  get argumentNames(): readonly string[] {
    return this.#compiled.plan.arguments.map(({ member }) => member);
  }

  get binding(): BindingTable {
    this.#binding ??= { ...this.#compiled.plan.bind(), path: parsePathTemplate(this.operation.path), accept: acceptOf(this.#document, this.operation) };
    return this.#binding;
  }

  get repairs(): readonly Repair[] {
    this.#repairs ??= this.#gatherRepairs().toArray();
    return this.#repairs;
  }

  get bodyMediaType(): string | undefined {
    return this.binding.body?.mediaType;
  }

  get serverUrl(): string | undefined {
    return this.#readServer().url;
  }

  validate(args: JsonObject): ValidationResult {
    this.#validator ??= new ArgumentValidator(this.#compiled.input.schema, this.binding, this.#document.definitions.checker);
    return this.#validator.validate(args);
  }

  toolJson(name: string): string {
    return this.#tool.json(name);
  }

  serverBase(override?: string): ServerBase | undefined {
    if (override === undefined) {
      this.#ownBase ??= { base: parseServerBase(this.serverUrl ?? '') };
      return this.#ownBase.base;
    }
    if (override !== this.#last.text) this.#last = { text: override, base: serverBaseUnder(this.#readServer(), override) };
    return this.#last.base;
  }

  #readServer(): OperationServer {
    this.#server ??= readOperationServer(this.#document, this.operation, this.#compiled.repairs);
    return this.#server;
  }

  #gatherRepairs(): RepairList {
    const { repairs, uses } = this.#compiled;
    this.#readServer();
    for (const { repairs: theirs } of this.#document.definitions.closure(uses)) repairs.addAll(theirs);
    if (this.#tool.isShortened) repairs.add('shortened', this.operation.pointer, 'The schema that tools/list shows is shortened to its budget; arguments are checked against the whole one.');
    return repairs;
  }
}

const noBase = { text: '', base: undefined };

/** The whole schema; its definitions are the document's. */
function buildInputSchema({ definitions }: ApiDocument, plan: ArgumentPlan, operation: Operation, repairs: RepairList): ArgumentsSchema {
  const shown: ShownArgument[] = [];
  for (const argument of plan.arguments) {
    shown.push(definitions.isKnownClean(argument.schema) ? argument : cleanArgument(argument, operation.pointer, repairs));
  }
  return plan.isNested ? nestedSchema(shown, plan.additional, plan.isBodyRequired) : new ArgumentsSchema(shown, plan.additional);
}

/** A parameter's or a body's own description is no schema's, so it was not cleaned yet. */
function cleanArgument(argument: ShownArgument, pointer: string, repairs: RepairList): ShownArgument {
  const description = ownString(argument.schema, 'description');
  if (description === undefined) return argument;
  const clean = cleanText(description, `${pointer} (argument ${keyOf(argument)})`, repairs);
  return clean === description ? argument : { ...argument, schema: { ...argument.schema, description: clean } };
}

/** JSON first; what else the operation's success answers declare follows when they have no JSON. */
function acceptOf(document: ApiDocument, operation: Operation): string {
  const types = new Set<string>();
  for (const [status, { value: written }] of document.view.responses(operation)) {
    if (!/^(2|default)/.test(status)) continue;
    const response = document.definitions.references.follow(written);
    if (response.kind !== 'found' || !isObject(response.value)) continue;
    for (const type of Object.keys(ownObject(response.value, 'content') ?? {})) types.add(type.trim());
  }
  const sendable = [...types].filter((type) => /^[\x20-\x7e]+$/.test(type) && !isWildcard(essenceOf(type)));
  const json = sendable.filter((type) => isJsonType(essenceOf(type)));
  const wanted = sendable.length === 0 || json.some((type) => essenceOf(type) === 'application/json') ? ['application/json'] : json.length > 0 ? json : sendable;
  return [...wanted.slice(0, 4), '*/*;q=0.1'].join(', ');
}

import type { ApiDocument } from '../document/load-document.js';
import { parseServerBase, resolveServerUrl, type ServerBase } from '../document/server-url.js';
import { ArgumentValidator, type ValidationResult } from '../arguments/argument-validator.js';
import { isObject, ownObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { essenceOf, isJsonType, isWildcard } from '../media-type.js';
import type { Operation, ToolAnnotations } from '../operation/operation.js';
import { credentialQueryNames } from '../operation/operation-security.js';
import { parsePathTemplate } from '../operation/path-template.js';
import { RepairList, type Repair } from '../repair.js';
import type { DefinitionUse } from '../schema/schema-definitions.js';
import { planArguments, type ArgumentPlan } from './argument-plan.js';
import type { BindingTable } from './binding-table.js';

export interface CompileOptions {
  /** Most body properties that become arguments of their own; above it the body is one argument. Default 40. */
  readonly maxBodyArguments?: number;
}

/** What a tool looks like in `tools/list`. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12; the root is `type: object` without combinators, every `$ref` is `#/$defs/…` of this schema. */
  readonly inputSchema: JsonObject;
  readonly annotations: ToolAnnotations;
}

export interface CompiledOperation {
  readonly operation: Operation;
  readonly tool: ToolDefinition;
  readonly binding: BindingTable;
  readonly repairs: readonly Repair[];
  /** Media type of the request body, when there may be one. */
  readonly bodyMediaType?: string;
  /** The document's own base URL for this operation, when it has a usable one. */
  readonly serverUrl?: string;
  /**
   * Checks arguments against the tool's schema (compiled on the first call; linear-time patterns). `args` of the result are
   * those to bind: the given ones, or a copy in which text was read as JSON where the schema has no place for text.
   */
  validate(args: JsonObject): ValidationResult;
  /** The base that requests are built on: the override, else the document's; undefined when that is no http(s) URL. */
  serverBase(override?: string): ServerBase | undefined;
}

/**
 * Compiles one operation into a tool and its binding. Pure (the caller caches) and total: what is wrong in the document
 * becomes a repair. Nothing outside the document is read.
 */
export function compileOperation(document: ApiDocument, operation: Operation, options: CompileOptions = {}): CompiledOperation {
  const repairs = new RepairList();
  const path = parsePathTemplate(operation.path);
  if (path.hasFragment) repairs.add('fragment-in-path', operation.pointer, 'The path has a fragment, which is never sent.');
  const uses: DefinitionUse[] = [];
  const convert = (schema: JsonValue, at: string): JsonObject => {
    const converted = document.definitions.convert(schema, at, repairs);
    uses.push(...converted.uses);
    return converted.schema;
  };
  const plan = planArguments(document, operation, path, convert, { maxBodyArguments: options.maxBodyArguments ?? 40 }, repairs);
  const inputSchema = buildInputSchema(plan, document.definitions.closure(uses, repairs));
  const binding: BindingTable = {
    parameters: plan.parameters,
    ...(plan.body === undefined ? {} : { body: plan.body }),
    path,
    accept: acceptOf(document, operation),
    reservedQueryNames: credentialQueryNames(document),
  };
  const serverUrl = resolveServerUrl(document, operation, repairs);
  return assemble(operation, inputSchema, binding, repairs.toArray(), serverUrl);
}

function assemble(operation: Operation, inputSchema: JsonObject, binding: BindingTable, repairs: readonly Repair[], serverUrl: string | undefined): CompiledOperation {
  const { name, title, description, annotations } = operation;
  const validator = new ArgumentValidator(inputSchema, binding);
  const ownBase = serverUrl === undefined ? undefined : parseServerBase(serverUrl);
  // The base is the same from call to call: take it apart once.
  let last: { readonly text: string; readonly base: ServerBase | undefined } = { text: '', base: undefined };
  return {
    operation,
    tool: { name, title, description, inputSchema, annotations },
    binding,
    repairs,
    ...(binding.body === undefined ? {} : { bodyMediaType: binding.body.mediaType }),
    ...(serverUrl === undefined ? {} : { serverUrl }),
    validate: (args) => validator.validate(args),
    serverBase(override) {
      if (override === undefined) return ownBase;
      if (override !== last.text) last = { text: override, base: parseServerBase(override) };
      return last.base;
    },
  };
}

function buildInputSchema(plan: ArgumentPlan, definitions: JsonObject): JsonObject {
  const properties: JsonDraft = {};
  for (const { key, schema } of plan.arguments) put(properties, key, schema);
  const required = plan.arguments.filter((argument) => argument.required).map(({ key }) => key);
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: plan.additional,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
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

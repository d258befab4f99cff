import { assignKeys } from './argument-keys.js';
import { ArgumentValidator, type ValidationResult } from './argument-validator.js';
import type { BindingTable, BodyBinding } from './binding-table.js';
import { isObject, own, ownObject, put, type JsonDraft, type JsonObject, type JsonValue } from './json.js';
import type { ApiDocument } from './load-document.js';
import { essenceOf, isJsonType, isWildcard } from './media-type.js';
import type { Operation, ToolAnnotations } from './operation.js';
import { readParameters, type Parameter } from './operation-parameters.js';
import { credentialQueryNames } from './operation-security.js';
import { parsePathTemplate } from './path-template.js';
import { RepairList, type Repair } from './repair.js';
import { readPlainObject, readRequestBody, type PlainObject, type RequestBody } from './request-body.js';
import type { DefinitionUse } from './schema-definitions.js';
import { parseServerBase, resolveServerUrl, type ServerBase } from './server-url.js';

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

/** One argument on its way into the input schema. */
interface Slot {
  readonly location: 'path' | 'query' | 'header' | 'body';
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
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
  const parameters = readParameters(document, operation, path, repairs);
  const body = readRequestBody(document, operation.definition, operation.pointer, repairs);
  const plain = body === undefined ? undefined : flattenable(document, body, options.maxBodyArguments ?? 40, repairs);
  const parameterSlots = parameters.map((parameter) => parameterSlot(parameter, convert));
  const bodySlots = body === undefined ? [] : plain === undefined ? [wholeBodySlot(body, convert)] : propertySlots(plain, convert);
  const keys = assignKeys<Slot>([...parameterSlots, ...bodySlots]);
  const keyOf = (slot: Slot): string => keys.get(slot) ?? slot.name;
  const extra = plain?.additional === undefined ? false : plain.additional === true ? true : convert(plain.additional, `${body?.at ?? ''}/additionalProperties`);
  const isBodyRequired = body?.required === true;
  const required = [...parameterSlots, ...(isBodyRequired ? bodySlots : [])].filter((slot) => slot.required).map(keyOf);
  const inputSchema = buildInputSchema([...parameterSlots, ...bodySlots].map((slot) => [keyOf(slot), slot.schema]), required, extra, document.definitions.closure(uses, repairs));
  const binding: BindingTable = {
    parameters: parameters.map(({ location, name, required: isRequired, style, explode }, index) => {
      const slot = parameterSlots[index];
      return { key: slot === undefined ? name : keyOf(slot), location, name, required: isRequired, style, explode };
    }),
    ...(body === undefined ? {} : { body: bindBody(body, plain, bodySlots, keyOf) }),
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

function flattenable(document: ApiDocument, body: RequestBody, limit: number, repairs: RepairList): PlainObject | undefined {
  const plain = readPlainObject(document.definitions, body.schema, body.at, repairs);
  return plain === undefined || plain.properties.size > limit ? undefined : plain;
}

function parameterSlot(parameter: Parameter, convert: (schema: JsonValue, at: string) => JsonObject): Slot {
  const { location, name, required, description, isDeprecated, at } = parameter;
  const schema = convert(parameter.schema, at);
  return {
    location,
    name,
    required,
    schema: { ...schema, ...(description === undefined ? {} : { description }), ...(isDeprecated ? { deprecated: true } : {}) },
  };
}

function wholeBodySlot(body: RequestBody, convert: (schema: JsonValue, at: string) => JsonObject): Slot {
  const schema = convert(body.schema, body.at);
  const described = body.description === undefined || own(schema, 'description') !== undefined ? schema : { ...schema, description: body.description };
  return { location: 'body', name: 'body', required: true, schema: described };
}

function propertySlots(plain: PlainObject, convert: (schema: JsonValue, at: string) => JsonObject): readonly Slot[] {
  const slots: Slot[] = [];
  for (const [name, { schemas, at }] of plain.properties) {
    const [first] = schemas;
    const schema = schemas.length === 1 && first !== undefined ? convert(first, at) : convert({ allOf: schemas }, at);
    slots.push({ location: 'body', name, required: plain.required.has(name), schema });
  }
  for (const name of plain.required) {
    if (!plain.properties.has(name)) slots.push({ location: 'body', name, required: true, schema: {} });
  }
  return slots;
}

function buildInputSchema(
  properties: readonly (readonly [string, JsonObject])[],
  required: readonly string[],
  additionalProperties: boolean | JsonObject,
  definitions: JsonObject,
): JsonObject {
  const draft: JsonDraft = {};
  for (const [key, schema] of properties) put(draft, key, schema);
  return {
    type: 'object',
    properties: draft,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}

function bindBody(body: RequestBody, plain: PlainObject | undefined, slots: readonly Slot[], keyOf: (slot: Slot) => string): BodyBinding {
  const { mediaType, required } = body;
  const [first] = slots;
  if (plain === undefined) return { kind: 'whole', mediaType, required, key: first === undefined ? 'body' : keyOf(first) };
  const properties = slots.map((slot) => ({ key: keyOf(slot), location: 'body', name: slot.name, required: slot.required }) as const);
  const names = new Map(properties.map(({ key, name }) => [key, name]));
  return { kind: 'properties', mediaType, required, properties, names, isOpen: plain.additional !== undefined };
}

/** JSON first; what else the operation's success answers declare follows when they have no JSON. */
function acceptOf(document: ApiDocument, operation: Operation): string {
  const types = new Set<string>();
  for (const [status, written] of Object.entries(ownObject(operation.definition, 'responses') ?? {})) {
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

import type { ApiDocument } from '../document/load-document.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { ArgumentOverride } from '../operation/operation-override.js';
import type { Operation } from '../operation/operation.js';
import { readParameters, type Parameter } from '../operation/operation-parameters.js';
import { fileArgument, fileShapeOf } from '../operation/file-schema.js';
import type { PathTemplate } from '../operation/path-template.js';
import { readPlainObject, type PlainObject } from '../operation/plain-object.js';
import { readRequestBody, type RequestBody } from '../operation/request-body.js';
import type { RepairList } from '../repair.js';
import { assignKeys, type KeyPattern } from './argument-keys.js';
import type { BodyBinding, ParameterBinding, ParameterLocation } from './binding-table.js';
import { propertySchema, wholeBodySchema, type ConvertSchema } from './body-slots.js';

export type { ConvertSchema } from './body-slots.js';

/** One argument: its key and schema in the tool. */
export interface PlannedArgument {
  readonly key: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

/** The arguments of an operation, and where each goes. */
export interface ArgumentPlan {
  /** Those that a tool shows; hidden ones are in the bindings only. */
  readonly arguments: readonly PlannedArgument[];
  /** What a tool says of further arguments: refused, any, or of this schema (then they go into the body). */
  readonly additional: boolean | JsonObject;
  /** Where each goes; a list of tools does not need it, so it is made when it is asked for. */
  bind(): { readonly parameters: readonly ParameterBinding[]; readonly body?: BodyBinding };
}

export interface PlanOptions {
  /** Most body properties that become arguments of their own; above it the body is one argument. */
  readonly maxBodyArguments: number;
  /** Characters that argument keys may have; default `standard`. */
  readonly keyPattern?: KeyPattern;
}

/** One argument before it has a key. */
interface Slot {
  readonly location: ParameterLocation | 'body';
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** A slot with its key and what the owner says of it. */
interface PlannedSlot extends Slot {
  readonly key: string;
  /** Set for a hidden argument. */
  readonly fixed?: JsonValue;
}

/**
 * Decides which arguments an operation's tool has (openapi.md decision 6): flat, parameters first, then the body's. What the owner
 * curates (`operation.override.arguments`, by key or name) is applied: hidden arguments keep a fixed value and leave the tool.
 */
export function planArguments(
  document: ApiDocument,
  operation: Operation,
  path: PathTemplate,
  convert: ConvertSchema,
  options: PlanOptions,
  repairs: RepairList,
): ArgumentPlan {
  const parameters = readParameters(document, operation, path, repairs);
  const body = readRequestBody(document, operation, repairs);
  const plain = body === undefined ? undefined : flattenable(document, body, options.maxBodyArguments, repairs);
  const written: readonly Slot[] = [
    ...parameters.map((parameter) => parameterSlot(parameter, convert)),
    ...(body === undefined ? [] : bodySlots(document, body, plain, convert)),
  ];
  const keys = assignKeys(written, options.keyPattern);
  const slots = curate(written, (slot) => keys.get(slot) ?? slot.name, operation, repairs);
  const isBodyRequired = body?.required === true;
  return {
    arguments: slots
      .filter(({ fixed }) => fixed === undefined)
      .map(({ key, schema, required, location }) => ({ key, schema, required: required && (location !== 'body' || isBodyRequired) })),
    additional: additionalOf(document, plain, body, convert),
    bind: () => ({
      parameters: parameters.map((parameter, index) => bindParameter(parameter, slots[index])),
      ...(body === undefined ? {} : { body: bindBody(body, plain, slots) }),
    }),
  };
}

function curate(written: readonly Slot[], keyOf: (slot: Slot) => string, operation: Operation, repairs: RepairList): readonly PlannedSlot[] {
  const curated = operation.override?.arguments;
  if (curated === undefined) return written.map((slot) => ({ ...slot, key: keyOf(slot) }));
  const overrides = new Map<string, ArgumentOverride>(Object.entries(curated));
  const unused = new Set(overrides.keys());
  const slots = written.map((slot): PlannedSlot => {
    const key = keyOf(slot);
    const name = overrides.has(key) ? key : slot.name;
    const override = overrides.get(name);
    unused.delete(name);
    const schema = override?.description === undefined ? slot.schema : { ...slot.schema, description: override.description };
    return { ...slot, key, schema, ...(override?.hidden === true ? { fixed: override.value ?? null } : {}) };
  });
  for (const name of unused) repairs.add('unknown-override', operation.pointer, `The operation has no argument ${JSON.stringify(name.slice(0, 80))}; what is said of it was ignored.`);
  return slots;
}

function additionalOf(document: ApiDocument, plain: PlainObject | undefined, body: RequestBody | undefined, convert: ConvertSchema): boolean | JsonObject {
  if (plain?.additional === undefined || body === undefined) return false;
  const file = body.furtherPart?.isFile === true ? fileShapeOf(document.definitions, plain.additional, []) : undefined;
  if (file !== undefined) return fileArgument(file.arity, undefined);
  return plain.additional === true ? true : convert(plain.additional, `${body.at}/additionalProperties`);
}

/** Bodies that are objects on the wire may have their properties as arguments; a text, a file or a sequence is one argument. */
function flattenable(document: ApiDocument, body: RequestBody, limit: number, repairs: RepairList): PlainObject | undefined {
  if (body.format !== 'json' && body.format !== 'form' && body.format !== 'multipart') return undefined;
  const plain = readPlainObject(document.definitions, body.schema, body.at, repairs);
  return plain === undefined || plain.properties.size > limit ? undefined : plain;
}

function parameterSlot(parameter: Parameter, convert: ConvertSchema): Slot {
  const { location, name, required, schema, at } = parameter;
  return { location, name, required, schema: convert(schema, at, parameter) };
}

function bodySlots(document: ApiDocument, body: RequestBody, plain: PlainObject | undefined, convert: ConvertSchema): readonly Slot[] {
  if (plain === undefined) return [{ location: 'body', name: 'body', required: true, schema: wholeBodySchema(document, body, convert) }];
  const slots: Slot[] = [];
  for (const [name, property] of plain.properties) {
    slots.push({ location: 'body', name, required: plain.required.has(name), schema: propertySchema(document, body, name, property, convert) });
  }
  for (const name of plain.required) {
    if (!plain.properties.has(name)) slots.push({ location: 'body', name, required: true, schema: {} });
  }
  return slots;
}

function bindParameter(parameter: Parameter, slot: PlannedSlot | undefined): ParameterBinding {
  const { location, name, wireName, required, style, explode, allowReserved, allowEmptyValue, reservedNames } = parameter;
  const fixed = slot?.fixed === undefined ? {} : { fixed: slot.fixed };
  return { key: slot?.key ?? name, location, name, wireName, required, style, explode, allowReserved, allowEmptyValue, reservedNames, ...fixed };
}

function bindBody(body: RequestBody, plain: PlainObject | undefined, slots: readonly PlannedSlot[]): BodyBinding {
  const inBody = slots.filter(({ location }) => location === 'body');
  const { mediaType, format, required, parts, furtherPart, positions, alternatives, contentEncoding } = body;
  const writing = { mediaType, format, required, parts, positions, alternatives, ...(furtherPart === undefined ? {} : { furtherPart }), ...(contentEncoding === undefined ? {} : { contentEncoding }) };
  const [whole] = inBody;
  if (plain === undefined) {
    return { kind: 'whole', ...writing, key: whole?.key ?? 'body', ...(whole?.fixed === undefined ? {} : { fixed: whole.fixed }) };
  }
  const properties = inBody
    .filter(({ fixed }) => fixed === undefined)
    .map((slot) => ({ key: slot.key, location: 'body', name: slot.name, required: slot.required }) as const);
  return {
    kind: 'properties',
    ...writing,
    properties,
    names: new Map(properties.map(({ key, name }) => [key, name])),
    fixed: inBody.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed] as const])),
    isOpen: plain.additional !== undefined,
    closedNames: new Set([...slots.filter(({ location }) => location !== 'body').map(({ key }) => key), ...inBody.flatMap(({ key, name }) => [key, name])]),
  };
}

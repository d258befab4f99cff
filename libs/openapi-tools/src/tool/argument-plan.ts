import type { ApiDocument } from '../document/load-document.js';
import { own, type JsonObject, type JsonValue } from '../json.js';
import type { Operation } from '../operation/operation.js';
import { readParameters, type Parameter } from '../operation/operation-parameters.js';
import type { PathTemplate } from '../operation/path-template.js';
import { readPlainObject, readRequestBody, type PlainObject, type RequestBody } from '../operation/request-body.js';
import type { RepairList } from '../repair.js';
import { assignKeys } from './argument-keys.js';
import type { BodyBinding, ParameterBinding } from './binding-table.js';

/** Converts a schema of the document for use in a tool; `at` is its JSON Pointer. */
export type ConvertSchema = (schema: JsonValue, at: string) => JsonObject;

/** One argument: its key and schema in the tool. */
export interface PlannedArgument {
  readonly key: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

/** The arguments of an operation, and where each goes. */
export interface ArgumentPlan {
  readonly arguments: readonly PlannedArgument[];
  /** What a tool says of further arguments: refused, any, or of this schema (then they go into the body). */
  readonly additional: boolean | JsonObject;
  readonly parameters: readonly ParameterBinding[];
  readonly body?: BodyBinding;
}

export interface PlanOptions {
  /** Most body properties that become arguments of their own; above it the body is one argument. */
  readonly maxBodyArguments: number;
}

/** One argument before it has a key. */
interface Slot {
  readonly location: 'path' | 'query' | 'header' | 'body';
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** Decides which arguments an operation's tool has (openapi.md decision 6): flat, parameters first, then the body's. */
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
  const parameterSlots = parameters.map((parameter) => parameterSlot(parameter, convert));
  const bodySlots = body === undefined ? [] : plain === undefined ? [wholeBodySlot(body, convert)] : propertySlots(plain, convert);
  const keys = assignKeys<Slot>([...parameterSlots, ...bodySlots]);
  const keyOf = (slot: Slot): string => keys.get(slot) ?? slot.name;
  const isBodyRequired = body?.required === true;
  return {
    arguments: [
      ...parameterSlots.map((slot) => ({ key: keyOf(slot), schema: slot.schema, required: slot.required })),
      ...bodySlots.map((slot) => ({ key: keyOf(slot), schema: slot.schema, required: slot.required && isBodyRequired })),
    ],
    additional: additionalOf(plain, body, convert),
    parameters: parameters.map(({ location, name, required, style, explode }, index) => {
      const slot = parameterSlots[index];
      return { key: slot === undefined ? name : keyOf(slot), location, name, required, style, explode };
    }),
    ...(body === undefined ? {} : { body: bindBody(body, plain, bodySlots, keyOf) }),
  };
}

function additionalOf(plain: PlainObject | undefined, body: RequestBody | undefined, convert: ConvertSchema): boolean | JsonObject {
  if (plain?.additional === undefined || body === undefined) return false;
  return plain.additional === true ? true : convert(plain.additional, `${body.at}/additionalProperties`);
}

function flattenable(document: ApiDocument, body: RequestBody, limit: number, repairs: RepairList): PlainObject | undefined {
  const plain = readPlainObject(document.definitions, body.schema, body.at, repairs);
  return plain === undefined || plain.properties.size > limit ? undefined : plain;
}

function parameterSlot(parameter: Parameter, convert: ConvertSchema): Slot {
  const { location, name, required, description, isDeprecated, at } = parameter;
  const schema = convert(parameter.schema, at);
  return {
    location,
    name,
    required,
    schema: { ...schema, ...(description === undefined ? {} : { description }), ...(isDeprecated ? { deprecated: true } : {}) },
  };
}

function wholeBodySlot(body: RequestBody, convert: ConvertSchema): Slot {
  const schema = convert(body.schema, body.at);
  const described = body.description === undefined || own(schema, 'description') !== undefined ? schema : { ...schema, description: body.description };
  return { location: 'body', name: 'body', required: true, schema: described };
}

function propertySlots(plain: PlainObject, convert: ConvertSchema): readonly Slot[] {
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

function bindBody(body: RequestBody, plain: PlainObject | undefined, slots: readonly Slot[], keyOf: (slot: Slot) => string): BodyBinding {
  const { mediaType, required } = body;
  const [first] = slots;
  if (plain === undefined) return { kind: 'whole', mediaType, required, key: first === undefined ? 'body' : keyOf(first) };
  const properties = slots.map((slot) => ({ key: keyOf(slot), location: 'body', name: slot.name, required: slot.required }) as const);
  const names = new Map(properties.map(({ key, name }) => [key, name]));
  return { kind: 'properties', mediaType, required, properties, names, isOpen: plain.additional !== undefined };
}

import type { ApiDocument } from '../document/load-document.js';
import type { JsonObject } from '../json.js';
import type { Operation } from '../operation/operation.js';
import { readParameters, type Parameter, type PlacedParameter } from '../operation/operation-parameters.js';
import { fileArgument, fileShapeOf } from '../operation/file-schema.js';
import { readPlainObject, type PlainObject } from '../operation/plain-object.js';
import { readRequestBody, type RequestBody } from '../operation/request-body.js';
import { RepairList } from '../repair.js';
import { assignKeys, type KeyPattern } from './argument-keys.js';
import type { BindingTable, BodyBinding, ContentTypeBinding, ParameterBinding } from './binding-table.js';
import { propertySchema, wholeBodySchema, type ConvertSchema } from './body-slots.js';
import { contentTypeSchema, readOtherTypes } from './content-types.js';
import { curate, placeSlot, type PlannedSlot, type Slot } from './curated-slots.js';
import { keyOf, nestArguments, type ShownArgument } from './nested-arguments.js';

export type { ConvertSchema } from './body-slots.js';

/** The arguments of an operation, and where each goes. */
export interface ArgumentPlan {
  /** Those that a tool shows; hidden ones are in the bindings only. */
  readonly arguments: readonly ShownArgument[];
  /** What a tool says of further arguments: refused, any, or of this schema (then they go into the body). */
  readonly additional: boolean | JsonObject;
  readonly isNested: boolean;
  readonly isBodyRequired: boolean;
  /** Where each goes; a list of tools does not need it, so it is made when it is asked for. */
  bind(): Pick<BindingTable, 'parameters' | 'body' | 'groups'>;
}

export interface PlanOptions {
  /** Most body properties that become arguments of their own; above it the body is one argument. */
  readonly maxBodyArguments: number;
  /** Characters that argument keys may have; default `standard`. */
  readonly keyPattern?: KeyPattern;
  /** One object argument for each location instead of flat ones. */
  readonly isNested?: boolean;
  /** An argument for the media type of the body, where several can be sent from the same arguments. */
  readonly hasContentType?: boolean;
}

/** A body in one media type, and its properties where they are arguments. */
interface PlannedBody {
  readonly body: RequestBody;
  readonly plain: PlainObject | undefined;
}

/**
 * Decides which arguments an operation's tool has (openapi.md decision 6): flat or nested, parameters first, then the body's. What the
 * owner curates (`operation.override.arguments`, by key or name) is applied: hidden arguments keep a fixed value and leave the tool, others
 * may have a value for calls that leave them out (W22).
 */
export function planArguments(
  document: ApiDocument,
  operation: Operation,
  convert: ConvertSchema,
  options: PlanOptions,
  repairs: RepairList,
): ArgumentPlan {
  const parameters = readParameters(document, operation, repairs);
  const body = readRequestBody(document, operation, repairs);
  const plain = body === undefined ? undefined : flattenable(document, body, options.maxBodyArguments, repairs);
  const written: Slot[] = [];
  for (const parameter of parameters) written.push(parameterSlot(parameter, convert));
  if (body !== undefined) written.push(...bodySlots(document, body, plain, convert));
  const others = body === undefined || options.hasContentType !== true ? [] : otherBodies(document, operation, body, options.maxBodyArguments);
  if (body !== undefined && others.length > 0) written.push(contentTypeSlot([body, ...others.map((other) => other.body)]));
  const isNested = options.isNested === true;
  const slots = curate(document, placeSlots(written, plain === undefined, options), operation, repairs);
  const isBodyRequired = body?.required === true;
  return {
    arguments: shownArguments(slots, isBodyRequired),
    additional: additionalOf(document, plain, body, convert),
    isNested,
    isBodyRequired,
    bind: () => ({
      parameters: parameters.map(({ parameter }, index) => bindParameter(parameter, slots[index])),
      ...(body === undefined ? {} : { body: bindBody({ body, plain }, slots, isNested, others) }),
      ...(isNested ? { groups: new Set([...slots.flatMap(({ place }) => place.group ?? []), ...(plain === undefined ? [] : ['body'])]) } : {}),
    }),
  };
}

/** By loops, here and below: V8 compiles them once, and `map` again whenever its result has another kind of elements. */
function placeSlots(written: readonly Slot[], isBodyWhole: boolean, { isNested, keyPattern }: PlanOptions): readonly PlannedSlot[] {
  const placed: PlannedSlot[] = [];
  const places = isNested === true ? nestArguments(written, isBodyWhole, keyPattern) : undefined;
  const keys = places === undefined ? assignKeys(written, keyPattern) : [];
  for (const slot of written) placed.push(placeSlot(slot, places?.[placed.length] ?? { member: keys[placed.length] ?? slot.name }));
  return placed;
}

/** Written out member by member: this runs for every argument of every tool, and copies made by spread are slow there. */
function shownArguments(slots: readonly PlannedSlot[], isBodyRequired: boolean): readonly ShownArgument[] {
  const shown: ShownArgument[] = [];
  for (const slot of slots) {
    if (slot.fixed !== undefined) continue;
    const { place, schema } = slot;
    const required = isSlotRequired(slot, isBodyRequired);
    shown.push(place.group === undefined ? { member: place.member, schema, required } : { group: place.group, member: place.member, schema, required });
  }
  return shown;
}

/** In a group, what it requires holds once it is given. */
function isSlotRequired({ required, fallback, location, place }: PlannedSlot, isBodyRequired: boolean): boolean {
  return required && fallback === undefined && (location !== 'body' || isBodyRequired || place.group !== undefined);
}

function otherBodies(document: ApiDocument, operation: Operation, chosen: RequestBody, limit: number): readonly PlannedBody[] {
  const plainOf = (body: RequestBody): PlainObject | undefined => flattenable(document, body, limit, new RepairList());
  const asWritten: ConvertSchema = (schema) => ({ schema });
  const others = readOtherTypes(document, operation, chosen, (body) => {
    const plain = plainOf(body);
    const further = [plain?.additional ?? null, body.furtherPart?.isFile === true];
    // What a text is said to be differs from type to type.
    return [...further, ...bodySlots(document, body, plain, asWritten).map(({ name, required, schema }) => [name, required, { ...schema, description: '' }])];
  });
  return [...others.values()].map((body) => ({ body, plain: plainOf(body) }));
}

const contentTypeSlot = (bodies: readonly RequestBody[]): Slot => ({ location: 'request', name: 'content_type', required: false, schema: contentTypeSchema(bodies.map(({ mediaType }) => mediaType)) });

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

function parameterSlot({ parameter, at }: PlacedParameter, convert: ConvertSchema): Slot {
  const { location, name, required, schema } = parameter;
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
  return { key: slot?.key ?? name, location, name, wireName, required, style, explode, allowReserved, allowEmptyValue, reservedNames, ...givenBy(slot) };
}

/** What is bound without the arguments' help. */
function givenBy(slot: PlannedSlot | undefined): Pick<PlannedSlot, 'fixed' | 'fallback'> {
  return { ...(slot?.fixed === undefined ? {} : { fixed: slot.fixed }), ...(slot?.fallback === undefined ? {} : { fallback: slot.fallback }) };
}

function bindContentType(slots: readonly PlannedSlot[], isNested: boolean, others: readonly PlannedBody[]): { readonly contentType?: ContentTypeBinding } {
  const slot = slots.find(({ location }) => location === 'request');
  if (slot === undefined) return {};
  const fallback = slot.fixed ?? slot.fallback;
  const bodies = new Map(others.map((other) => [other.body.mediaType, bindBody(other, slots, isNested, [])]));
  return { contentType: { key: slot.key, bodies, ...(typeof fallback === 'string' ? { fallback } : {}) } };
}

function bindBody({ body, plain }: PlannedBody, slots: readonly PlannedSlot[], isNested: boolean, others: readonly PlannedBody[]): BodyBinding {
  const inBody = slots.filter(({ location }) => location === 'body');
  const { mediaType, format, required, parts, furtherPart, positions, alternatives, contentEncoding } = body;
  const writing = { mediaType, format, required, parts, positions, alternatives, ...(furtherPart === undefined ? {} : { furtherPart }), ...(contentEncoding === undefined ? {} : { contentEncoding }), ...(others.length === 0 ? {} : bindContentType(slots, isNested, others)) };
  const [whole] = inBody;
  if (plain === undefined) {
    return { kind: 'whole', ...writing, key: whole?.key ?? 'body', ...givenBy(whole) };
  }
  const properties = inBody
    .filter(({ fixed }) => fixed === undefined)
    .map((slot) => ({ key: slot.key, location: 'body', name: slot.name, required: slot.required && slot.fallback === undefined, ...givenBy(slot) }) as const);
  const furtherPrefix = isNested ? keyOf({ group: 'body', member: '' }) : '';
  return {
    kind: 'properties',
    ...writing,
    properties,
    names: new Map(properties.map(({ key, name }) => [key, name])),
    fallbacks: properties.filter(({ fallback }) => fallback !== undefined),
    fixed: inBody.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed] as const])),
    isOpen: plain.additional !== undefined,
    furtherPrefix,
    closedNames: new Set([...slots.filter(({ location }) => location !== 'body').map(({ key }) => key), ...inBody.flatMap(({ key, name }) => [key, furtherPrefix + name])]),
  };
}

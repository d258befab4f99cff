import { own, ownObject, ownArray, isObject, type JsonObject } from '../json.js';
import { mapMembers, mapSubschemas, nameOfReference } from '../schema/subschemas.js';
import type { FindDefinition, FittedSchema } from './fit-schema.js';
import { inlineStubs, loosen, rootWithin, withoutReference } from './shortened-schema.js';

/** The schema with its references inlined as deep as the budget allows, for clients that know none; cycles end in a stub. `finish` makes it what the client takes. */
export function inlineWithin(root: JsonObject, find: FindDefinition, budget: number, finish: (schema: JsonObject) => JsonObject): FittedSchema {
  for (const depth of [10, 7, 5, 4, 3, 2, 1, 0]) {
    const state = { left: budget * 2, isShortened: false };
    const inlined = inline(loosen(root), find, depth, [], state);
    if (state.left < 0) continue;
    const schema = finish(inlined);
    const json = JSON.stringify(schema);
    if (Buffer.byteLength(json) <= budget) return { schema, json, isShortened: state.isShortened };
  }
  const schema = rootWithin(finish(inlineStubs(loosen(root), find, new Set())), budget);
  return { schema, json: JSON.stringify(schema), isShortened: true };
}

function inline(schema: JsonObject, find: FindDefinition, depth: number, around: readonly string[], state: { left: number; isShortened: boolean }): JsonObject {
  // A lower bound of its JSON: most schemas have at least a type.
  state.left -= 12;
  if (state.left < 0) return {};
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return mapSubschemas(schema, (member) => inline(member, find, depth, around, state));
  const name = nameOfReference(reference);
  const target = find(name);
  if (target === undefined || depth <= 0 || around.includes(name)) {
    state.isShortened ||= target !== undefined;
    return inlineStubs(mapSubschemas(schema, (member) => inline(member, find, depth, around, state)), find, new Set());
  }
  const siblings = withoutReference(schema);
  const inner = inline(loosen(target.schema), find, depth - 1, [...around, name], state);
  const outer = inline(siblings, find, depth, around, state);
  return joinSchemas(inner, outer);
}

/** A reference's target with what stood beside the reference. */
function joinSchemas(target: JsonObject, beside: JsonObject): JsonObject {
  const properties = mapMembers(ownObject(beside, 'properties') ?? {}, (property, name) => {
    const known = own(ownObject(target, 'properties') ?? {}, name);
    return isObject(known) && isObject(property) ? { ...known, ...property } : property;
  });
  const required = new Set([...ownArray(target, 'required'), ...ownArray(beside, 'required')]);
  return {
    ...target,
    ...beside,
    ...(Object.keys(properties).length > 0 ? { properties: { ...ownObject(target, 'properties'), ...properties } } : {}),
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}

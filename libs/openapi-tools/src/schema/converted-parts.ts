import { own, put, type JsonDraft, type JsonObject } from '../json.js';
import type { RepairList } from '../repair.js';
import { readNumber } from './schema-values.js';

/**
 * OAS 3.0 `nullable`: adds null to the `type` beside it (3.0.3); a composition without a type is taken as meant to be nullable.
 * Without either it has no effect, and an `enum` still has to list null itself.
 */
export function admitNull(draft: JsonDraft, types: readonly string[] | undefined): JsonObject {
  if (types !== undefined) return { ...draft, type: types.includes('null') ? types : [...types, 'null'] };
  const composed = ['allOf', 'anyOf', 'oneOf'].some((keyword) => Object.hasOwn(draft, keyword));
  return composed ? { anyOf: [draft, { type: 'null' }] } : draft;
}

/**
 * S10: `additionalProperties: false` only knows the `properties` beside it. Where `allOf` brings others, it would refuse them, which nobody
 * means: the members admit what they do not name, the whole admits what any of them names.
 */
export function openClosed(draft: JsonDraft, isOpen: boolean): void {
  if (isOpen && draft['unevaluatedProperties'] === false) delete draft['unevaluatedProperties'];
  if (draft['additionalProperties'] !== false || (!isOpen && draft['allOf'] === undefined)) return;
  delete draft['additionalProperties'];
  if (!isOpen) draft['unevaluatedProperties'] = false;
}

/** 3.0 has boolean `exclusiveMinimum` beside `minimum`; JSON Schema has the number itself (S02). */
export function convertBounds(schema: JsonObject, at: string, draft: JsonDraft, repairs: RepairList): void {
  convertBound(schema, at, draft, 'exclusiveMinimum', 'minimum', repairs);
  convertBound(schema, at, draft, 'exclusiveMaximum', 'maximum', repairs);
}

function convertBound(schema: JsonObject, at: string, draft: JsonDraft, exclusive: string, inclusive: string, repairs: RepairList): void {
  const value = own(schema, exclusive);
  if (value === undefined || value === false) return;
  const bound = value === true ? draft[inclusive] : readNumber(value, exclusive, `${at}/${exclusive}`, repairs);
  if (bound === undefined) return;
  draft[exclusive] = bound;
  if (value === true) delete draft[inclusive];
}

export function keepKeys(object: JsonObject, keep: (key: string) => boolean): JsonObject {
  const draft: JsonDraft = {};
  for (const [key, value] of Object.entries(object)) if (keep(key)) put(draft, key, value);
  return draft;
}

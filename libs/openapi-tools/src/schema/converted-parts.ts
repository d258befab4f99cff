import { put, type JsonDraft, type JsonObject } from '../json.js';

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

export function keepKeys(object: JsonObject, keep: (key: string) => boolean): JsonObject {
  const draft: JsonDraft = {};
  for (const [key, value] of Object.entries(object)) if (keep(key)) put(draft, key, value);
  return draft;
}

import type { ApiDocument } from '../document/load-document.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { ArgumentOverride } from '../operation/operation-override.js';
import type { Operation } from '../operation/operation.js';
import type { RepairList } from '../repair.js';
import { misfitOf } from './argument-default.js';
import type { ParameterLocation } from './binding-table.js';
import { keyOf, type ArgumentPlace } from './nested-arguments.js';

/** One argument before it has a key. */
export interface Slot {
  readonly location: ParameterLocation | 'body' | 'request';
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** A slot with its key and what the owner says of it. */
export interface PlannedSlot extends Slot {
  readonly key: string;
  readonly place: ArgumentPlace;
  /** Set for a hidden argument. */
  readonly fixed?: JsonValue;
  /** Sent when a call leaves the argument out. */
  readonly fallback?: JsonValue;
}

/** Written out member by member: this runs for every argument of every tool, and copies made by spread are slow there. */
export function placeSlot({ location, name, required, schema }: Slot, place: ArgumentPlace): PlannedSlot {
  return { location, name, required, schema, key: keyOf(place), place };
}

/** The slots with what the owner says of them; what names no argument, or does not fit one, is a repair. */
export function curate(document: ApiDocument, placed: readonly PlannedSlot[], operation: Operation, repairs: RepairList): readonly PlannedSlot[] {
  const curated = operation.override?.arguments;
  if (curated === undefined) return placed;
  const overrides = new Map<string, ArgumentOverride>(Object.entries(curated));
  const at = (name: string): string => `${operation.pointer} (argument ${name.slice(0, 80)})`;
  const unused = new Set(overrides.keys());
  const slots = placed.map((slot): PlannedSlot => {
    const name = [slot.key, slot.place.member].find((known) => overrides.has(known)) ?? slot.name;
    const override = overrides.get(name);
    if (override === undefined) return slot;
    unused.delete(name);
    const report = (field: string, misfit: string): void => repairs.add('invalid-override', at(name), `"arguments.${name.slice(0, 80)}.${field}" does not fit and was ignored: ${misfit}`);
    return { ...slot, ...curateSlot(document, slot, override, report) };
  });
  for (const name of unused) {
    repairs.add('unknown-override', at(name), `The operation has no argument ${JSON.stringify(name.slice(0, 80))}; what is said of it was ignored.`);
  }
  return slots;
}

function curateSlot(document: ApiDocument, slot: PlannedSlot, override: ArgumentOverride, report: (field: string, misfit: string) => void): Partial<PlannedSlot> {
  const schema = override.description === undefined ? slot.schema : { ...slot.schema, description: override.description };
  const field = override.hidden === true ? 'value' : 'default';
  const value = override.hidden === true ? (override.value ?? null) : override.default;
  if (value === undefined) return { schema };
  // A fixed value is the owner's word against the document's, but a body goes only in types that there are.
  const misfit = override.hidden === true && slot.location !== 'request' ? undefined : misfitOf(document.definitions.checker, slot.key, slot.schema, value);
  if (misfit !== undefined) report(field, misfit);
  if (override.hidden === true) return misfit === undefined ? { fixed: value } : { schema };
  return misfit === undefined ? { schema: { ...schema, default: value }, fallback: value } : { schema };
}

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

/** The slots with their keys and what the owner says of them; what names no argument, or does not fit one, is a repair. */
export function curate(document: ApiDocument, written: readonly Slot[], placeOf: (slot: Slot) => ArgumentPlace, operation: Operation, repairs: RepairList): readonly PlannedSlot[] {
  const curated = operation.override?.arguments;
  if (curated === undefined) return written.map((slot) => placed(slot, placeOf(slot)));
  const overrides = new Map<string, ArgumentOverride>(Object.entries(curated));
  const at = (name: string): string => `${operation.pointer} (argument ${name.slice(0, 80)})`;
  const unused = new Set(overrides.keys());
  const slots = written.map((slot): PlannedSlot => {
    const whole = placed(slot, placeOf(slot));
    const name = [whole.key, whole.place.member].find((known) => overrides.has(known)) ?? slot.name;
    const override = overrides.get(name);
    if (override === undefined) return whole;
    unused.delete(name);
    const report = (field: string, misfit: string): void => repairs.add('invalid-override', at(name), `"arguments.${name.slice(0, 80)}.${field}" does not fit and was ignored: ${misfit}`);
    return { ...whole, ...curateSlot(document, whole, override, report) };
  });
  for (const name of unused) {
    repairs.add('unknown-override', at(name), `The operation has no argument ${JSON.stringify(name.slice(0, 80))}; what is said of it was ignored.`);
  }
  return slots;
}

const placed = ({ location, name, required, schema }: Slot, place: ArgumentPlace): PlannedSlot => ({ location, name, required, schema, key: keyOf(place), place });

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

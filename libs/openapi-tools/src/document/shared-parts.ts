import { RepairList, type Repair } from '../repair.js';

interface SharedPart<T> {
  readonly at: string;
  readonly value: T;
  readonly repairs: readonly Repair[];
}

/** What is read once of a part of the document that several operations have; its repairs are told to each of them. Bounded by the document. */
export class SharedParts<T> {
  readonly #parts = new Map<object, SharedPart<T>>();

  /** What `make` makes of `source`, which stands `at` that JSON Pointer; `isKept`: later readers get the same. */
  read(source: object, at: string, repairs: RepairList, make: (repairs: RepairList, isKept: boolean) => T): T {
    let part = this.#parts.get(source);
    // By an alias in YAML one object stands at several places, and repairs name them.
    if (part !== undefined && part.at !== at) return make(repairs, false);
    if (part === undefined) {
      const told = new RepairList();
      part = { at, value: make(told, true), repairs: told.toArray() };
      this.#parts.set(source, part);
    }
    if (part.repairs.length > 0) repairs.addAll(part.repairs);
    return part.value;
  }
}

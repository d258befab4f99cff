import { RepairList, type Repair } from '../repair.js';

interface SharedPart<T> {
  readonly value: T;
  /** Their places stand below that of the part. */
  readonly repairs: readonly Repair[];
}

/** What is read once of a part of the document that several operations have; its repairs are told to each of them. Bounded by the document. */
export class SharedParts<T> {
  readonly #parts = new Map<object | string, SharedPart<T>>();

  /**
   * What `make` makes of a part: of that object, or of any that has this text. `at` is the JSON Pointer of the one at hand; `make` tells
   * its repairs with what follows there.
   */
  read(part: object | string, at: string, repairs: RepairList, make: (repairs: RepairList) => T): T {
    let shared = this.#parts.get(part);
    if (shared === undefined) {
      const told = new RepairList();
      shared = { value: make(told), repairs: told.toArray() };
      this.#parts.set(part, shared);
    }
    for (const { code, at: below, message } of shared.repairs) repairs.add(code, at + below, message);
    return shared.value;
  }
}

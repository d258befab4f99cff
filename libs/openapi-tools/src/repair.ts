/** Something in the document that was wrong or unsupported, and what was done instead. */
export interface Repair {
  readonly code: RepairCode;
  /** Where: a JSON Pointer into the document, as far as known. */
  readonly at: string;
  readonly message: string;
}

export type RepairCode =
  | 'external-ref'
  | 'dangling-ref'
  | 'reference-cycle'
  | 'invalid-schema'
  | 'invalid-keyword'
  | 'invalid-type'
  | 'invalid-enum'
  | 'invalid-pattern'
  | 'missing-items'
  | 'too-deep'
  | 'too-many-members'
  | 'invalid-parameter'
  | 'unsupported-parameter'
  | 'undeclared-path-parameter'
  | 'unused-path-parameter'
  | 'invalid-body'
  | 'unsupported-body'
  | 'invalid-server'
  | 'fragment-in-path'
  | 'invisible-characters'
  | 'overlay-without-match'
  | 'invalid-override'
  | 'unknown-override'
  | 'shortened';

const maxRepairs = 100;
const none: readonly Repair[] = [];

/** Collects repairs once each; bounded, because one broken component can be met from everywhere. */
export class RepairList {
  /** Made for the first: most lists stay empty. */
  #repairs: Map<string, Repair> | undefined;

  add(code: RepairCode, at: string, message: string): void {
    const key = `${code} ${at}`;
    this.#repairs ??= new Map();
    if (this.#repairs.size < maxRepairs && !this.#repairs.has(key)) this.#repairs.set(key, { code, at, message });
  }

  addAll(repairs: Iterable<Repair>): void {
    for (const { code, at, message } of repairs) this.add(code, at, message);
  }

  toArray(): readonly Repair[] {
    return this.#repairs === undefined ? none : [...this.#repairs.values()];
  }
}

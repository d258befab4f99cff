import type { Entry } from '../catalog/entry.js';
import { paginate, type ToolPage } from './tool-pages.js';

/** The entries that one set of permissions sees in one revision of a tenant's catalog: immutable, serialised once. */
export class ToolView {
  readonly #entries: ReadonlyMap<string, Entry>;
  #pages: ReadonlyMap<string, ToolPage> | undefined;

  constructor(entries: readonly Entry[]) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Whether a list of the other would show the same: entries are made anew with the document they come from. */
  hasSameEntriesAs(other: ToolView): boolean {
    return this.#entries.size === other.#entries.size && [...this.#entries].every(([name, entry]) => other.#entries.get(name) === entry);
  }

  /** @param cursor as an earlier page gave it; undefined for the first @returns undefined for a cursor that is none */
  page(cursor: string | undefined): ToolPage | undefined {
    this.#pages ??= paginate(listedTools(this.#entries.values()));
    return this.#pages.get(cursor ?? '');
  }
}

function* listedTools(entries: Iterable<Entry>) {
  for (const entry of entries) yield { name: entry.name, json: entry.compiled.toolJson(entry.name) };
}

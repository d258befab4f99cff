import { setImmediate } from 'node:timers/promises';
import type { Entry } from '../catalog/entry.js';
import { ToolIndex } from './tool-index.js';
import { pageAt, paginate, type ToolPage } from './tool-pages.js';

/** Milliseconds for which the first search of a large view keeps others waiting, at a time. */
const SLICE_MS = 5;

/** An entry that a search found, and how well it fits. */
export interface FoundEntry {
  readonly entry: Entry;
  readonly score: number;
}

export interface ToolViewOptions {
  /** Names the view among all others, for its cursors. */
  readonly name: string;
  /** The clients' profile that it was made for; undefined: each API's own. */
  readonly profile: string | undefined;
  /** Number of tools above which the list is that of the search; false: never. */
  readonly searchAbove: number | false;
}

/** The entries that one set of permissions sees in one revision of a tenant's catalog: immutable, serialised once. */
export class ToolView {
  readonly profile: string | undefined;
  /** Whether tools are found by a search, because there are more of them than a list should have. */
  readonly isSearched: boolean;
  readonly #name: string;
  readonly #entries: ReadonlyMap<string, Entry>;
  #pages: ReadonlyMap<string, ToolPage> | undefined;
  #index: Promise<ToolIndex> | undefined;

  constructor(entries: readonly Entry[], { name, profile, searchAbove }: ToolViewOptions) {
    this.profile = profile;
    this.isSearched = searchAbove !== false && entries.length > searchAbove;
    this.#name = name;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  get size(): number {
    return this.#entries.size;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** Whether a list of the other would show the same: entries are made anew with the document they come from. */
  hasSameEntriesAs(other: ToolView): boolean {
    return this.#entries.size === other.#entries.size && [...this.#entries].every(([name, entry]) => other.#entries.get(name) === entry);
  }

  /** @param cursor as an earlier page gave it; undefined for the first @returns undefined for a cursor that is none of this list */
  page(cursor: string | undefined): ToolPage | undefined {
    this.#pages ??= paginate(listedTools(this.#entries.values()), this.#name);
    return pageAt(this.#pages, cursor);
  }

  /** The entries that fit the query, the best first. */
  async search(query: string, limit: number): Promise<readonly FoundEntry[]> {
    this.#index ??= this.#readIndex();
    const hits = (await this.#index).search(query, limit);
    const { entries } = this;
    return hits.flatMap(({ position, score }) => {
      const entry = entries[position];
      return entry === undefined ? [] : [{ entry, score }];
    });
  }

  /** What its tools have not said yet to another view is read in slices: each may have to be compiled first. */
  async #readIndex(): Promise<ToolIndex> {
    const terms = [];
    let since = performance.now();
    for (const entry of this.#entries.values()) {
      terms.push(entry.searchTerms);
      if (performance.now() - since < SLICE_MS) continue;
      await setImmediate();
      since = performance.now();
    }
    return new ToolIndex(terms);
  }
}

function* listedTools(entries: Iterable<Entry>) {
  for (const entry of entries) yield { name: entry.name, json: entry.toolJson() };
}

import type { Entry } from '../catalog/entry.js';

/** Tools and bytes of a page: one page for almost every tenant, and never an answer that a client gives up on. */
const PAGE_TOOLS = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** One page of tools/list: the JSON text of the `tools` array, and the cursor of the page behind it. */
export interface ToolPage {
  readonly tools: string;
  readonly nextCursor: string | undefined;
}

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

  /** @param cursor as an earlier page gave it; undefined for the first @returns undefined for a cursor that is none */
  page(cursor: string | undefined): ToolPage | undefined {
    this.#pages ??= paginate([...this.#entries.values()]);
    return this.#pages.get(cursor ?? '');
  }
}

/** Pages by cursor, which is the name of the last tool before the page: good for as long as the pages end where they did. */
function paginate(entries: readonly Entry[]): ReadonlyMap<string, ToolPage> {
  const pages = new Map<string, ToolPage>();
  let cursor = '';
  let texts: string[] = [];
  let bytes = 0;
  let last = '';
  const close = (nextCursor: string | undefined) => {
    pages.set(cursor, { tools: `[${texts.join(',')}]`, nextCursor });
    cursor = nextCursor ?? '';
    texts = [];
    bytes = 0;
  };
  for (const entry of entries) {
    const text = JSON.stringify({ ...entry.compiled.tool, name: entry.name });
    if (texts.length > 0 && (texts.length >= PAGE_TOOLS || bytes + text.length > PAGE_BYTES)) close(Buffer.from(last).toString('base64url'));
    texts.push(text);
    bytes += text.length;
    last = entry.name;
  }
  close(undefined);
  return pages;
}

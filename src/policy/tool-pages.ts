/** Tools and bytes of a page: one page for almost every tenant, and never an answer that a client gives up on. */
const PAGE_TOOLS = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** A tool as tools/list shows it. */
export interface ListedTool {
  readonly name: string;
  readonly json: string;
}

/** One page of tools/list: the JSON text of the `tools` array, and the cursor of the page behind it. */
export interface ToolPage {
  readonly tools: string;
  readonly nextCursor: string | undefined;
}

/** Pages by cursor ('' for the first), which is the name of the last tool before the page: good for as long as the pages end where they did. */
export function paginate(tools: Iterable<ListedTool>): ReadonlyMap<string, ToolPage> {
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
  for (const { name, json } of tools) {
    if (texts.length > 0 && (texts.length >= PAGE_TOOLS || bytes + json.length > PAGE_BYTES)) close(Buffer.from(last).toString('base64url'));
    texts.push(json);
    bytes += json.length;
    last = name;
  }
  close(undefined);
  return pages;
}

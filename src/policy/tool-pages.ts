import { createHash } from 'node:crypto';

/** Tools and bytes of a page: one page for almost every tenant, and never an answer that a client gives up on. */
const PAGE_TOOLS = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** A tool as tools/list shows it. */
export interface ListedTool {
  readonly name: string;
  readonly json: string;
}

/** One page of tools/list: the JSON text of the `tools` array as UTF-8, and the cursor of the page behind it. */
export interface ToolPage {
  readonly tools: Buffer;
  readonly nextCursor: string | undefined;
}

/** @param cursor as an earlier page gave it; undefined for the first @returns undefined for a cursor that is none of this list */
export function pageAt(pages: ReadonlyMap<string, ToolPage>, cursor: string | undefined): ToolPage | undefined {
  return cursor === '' ? undefined : pages.get(cursor ?? '');
}

/**
 * Pages by cursor ('' for the first). A cursor says where its page begins and in which list: it is good for lists of the same view with the
 * same tools, in any replica, and no cursor at all for any other list, whoever made it up.
 * @param view names the view among all others
 */
export function paginate(tools: Iterable<ListedTool>, view: string, mostTools = PAGE_TOOLS): ReadonlyMap<string, ToolPage> {
  const list = createHash('sha256').update(view);
  const pages: { readonly start: number; readonly texts: string[] }[] = [];
  let texts: string[] = [];
  let bytes = 0;
  let count = 0;
  const open = () => {
    texts = [];
    bytes = 0;
    pages.push({ start: count, texts });
  };
  open();
  for (const { name, json } of tools) {
    if (texts.length > 0 && (texts.length >= mostTools || bytes + json.length > PAGE_BYTES)) open();
    texts.push(json);
    bytes += json.length;
    count += 1;
    list.update(`\n${name}`);
  }
  const digest = list.digest().subarray(0, 12);
  const cursorOf = (start: number) => Buffer.concat([digest, Buffer.from(String(start))]).toString('base64url');
  return new Map(
    pages.map((page, index) => {
      const next = pages[index + 1];
      return [index === 0 ? '' : cursorOf(page.start), { tools: Buffer.from(`[${page.texts.join(',')}]`), nextCursor: next && cursorOf(next.start) }];
    }),
  );
}

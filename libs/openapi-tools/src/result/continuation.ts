import type { JsonObject } from '../json.js';
import { isObject, own } from '../json.js';
import type { Cut } from './cut-json.js';

/** Names under which APIs take the place to go on from, or how much to give, compared without case and punctuation. */
const pagingNames = new Set([
  'page', 'pagenumber', 'pageno', 'pagesize', 'pagelimit', 'perpage', 'pagetoken', 'nextpagetoken', 'cursor', 'nextcursor', 'after', 'before', 'startingafter', 'endingbefore',
  'offset', 'skip', 'start', 'startat', 'startindex', 'limit', 'top', 'count', 'maxresults', 'first', 'max', 'size', 'marker', 'continuationtoken', 'continue', 'token', 'pagecursor', 'pageoffset', 'pageafter', 'pagebefore',
]);
/** Names of arguments that make an answer smaller. */
const narrowingNames = new Set(['fields', 'select', 'filter', 'q', 'query', 'search', 'expand', 'include']);

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

/** The arguments of a tool with which a caller can page through an answer or narrow it. `nameOf`: a key without the group it is in. */
export function pagingArguments(keys: Iterable<string>, nameOf = (key: string): string => key): readonly string[] {
  const all = [...keys];
  return [...all.filter((key) => pagingNames.has(plain(nameOf(key)))), ...all.filter((key) => narrowingNames.has(plain(nameOf(key))))].slice(0, 8);
}

/** Says what was left out and how to get the rest. @param where as {@link describeNext} takes it */
export function describeCuts(cuts: readonly Cut[], paging: readonly string[], next: string | undefined, where: string): string {
  const places = cuts.slice(0, 5).map(({ path, shown, total, unit }) => `${shown} of ${total} ${unit} of ${path}`);
  const more = cuts.length > places.length ? ` and ${cuts.length - places.length} more places` : '';
  return `[Shortened to fit: ${places.join(', ')}${more}.${describeNext(paging, next, where)}]`;
}

/** How to go on: the API's own link or token, and the tool's arguments for it. @param where the whole can be read, as a sentence; empty: nowhere */
export function describeNext(paging: readonly string[], next: string | undefined, where: string): string {
  const how = paging.length === 0 ? ' Ask for a smaller part, if this tool has arguments for it.' : ` To see the rest, call again with ${paging.map((name) => `"${name}"`).join(', ')}.`;
  return `${next === undefined ? '' : ` Next: ${next}.`}${how}${where}`;
}

const nextMembers = ['next', 'next_page', 'nextPage', 'next_cursor', 'nextCursor', 'nextPageToken', 'next_page_token', 'nextLink', '@odata.nextLink', 'after'];

/** The API's own pointer to the next page: `Link: <…>; rel="next"` (RFC 8288), else a member that says so. */
export function nextOf(link: string | undefined, value: unknown): string | undefined {
  const linked = link === undefined ? undefined : /<([^>]{1,2000})>[^,]*;\s*rel="?next"?/i.exec(link)?.[1];
  if (linked !== undefined) return linked;
  if (!isObject(value)) return undefined;
  for (const holder of [value, ...['links', '_links', 'paging', 'pagination', 'meta', 'response_metadata'].map((name) => own(value, name))]) {
    if (isObject(holder)) {
      const next = memberOf(holder);
      if (next !== undefined) return next;
    }
  }
  return undefined;
}

function memberOf(holder: JsonObject): string | undefined {
  for (const name of nextMembers) {
    const value = own(holder, name);
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return `${name} = ${JSON.stringify(value).slice(0, 500)}`;
    const href = isObject(value) ? own(value, 'href') : undefined;
    if (typeof href === 'string' && href !== '') return href.slice(0, 500);
  }
  return undefined;
}

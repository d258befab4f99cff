import { childrenOf, endOfValue, skipSpace, type Child } from './json-spans.js';

/** A place where something was left out. */
export interface Cut {
  /** JSONPath of the value. */
  readonly path: string;
  /** What is shown of what there is: items of an array, members of an object, characters of a string. */
  readonly shown: number;
  readonly total: number;
  readonly unit: 'items' | 'members' | 'characters';
}

export interface CutJson {
  readonly json: string;
  readonly cuts: readonly Cut[];
}

/** Arrays and objects deeper than this are shown whole or not at all. */
const maxDepth = 8;
/** Least room worth giving to a value that is shortened. */
const leastRoom = 24;

/**
 * Shortens a JSON text to about `limit` characters without ever breaking it: arrays lose items at their end, long strings their
 * end, and where several members are large each keeps its share. What stays is the text as it was, so numbers keep their digits.
 * The text must be valid JSON.
 */
export function cutJson(json: string, limit: number): CutJson {
  const start = skipSpace(json, 0);
  const cuts: Cut[] = [];
  return { json: fit(json, { start, end: endOfValue(json, start) }, limit, '$', 0, cuts), cuts };
}

function fit(json: string, value: Child, room: number, path: string, depth: number, cuts: Cut[]): string {
  if (value.end - value.start <= room) return json.slice(value.start, value.end);
  const first = json[value.start];
  if (first === '[') return fitArray(json, value, room, path, depth, cuts);
  if (first === '{') return fitObject(json, value, room, path, depth, cuts);
  return first === '"' ? fitString(json, value, room, path, cuts) : json.slice(value.start, value.end);
}

function fitArray(json: string, value: Child, room: number, path: string, depth: number, cuts: Cut[]): string {
  const shown: string[] = [];
  let left = room - 2;
  let total = 0;
  let isFull = false;
  for (const item of childrenOf(json, value.start)) {
    total += 1;
    if (isFull) continue;
    const size = item.end - item.start + 1;
    if (size <= left) {
      shown.push(json.slice(item.start, item.end));
      left -= size;
      continue;
    }
    isFull = true;
    // One item that is larger than everything there is room for: part of it says more than nothing.
    if (shown.length === 0 && depth < maxDepth && left > leastRoom) shown.push(fit(json, item, left, `${path}[0]`, depth + 1, cuts));
  }
  if (shown.length < total) cuts.push({ path, shown: shown.length, total, unit: 'items' });
  return `[${shown.join(',')}]`;
}

/** Small members stay whole; the large ones share the room that is left. */
function fitObject(json: string, value: Child, room: number, path: string, depth: number, cuts: Cut[]): string {
  const members = [...childrenOf(json, value.start)];
  const sizes = members.map(({ start, end, name }) => ({ head: (name?.length ?? 0) + 2, size: end - start }));
  const limit = shareOf(sizes.map(({ head, size }) => ({ fixed: head, size })), room - 2);
  const shown: string[] = [];
  let left = room - 2;
  for (const member of members) {
    const size = member.end - member.start;
    const name = member.name ?? '""';
    const mayShorten = size > limit && limit >= leastRoom && depth < maxDepth;
    const text = mayShorten ? fit(json, member, limit, `${path}[${name}]`, depth + 1, cuts) : json.slice(member.start, member.end);
    if (name.length + text.length + 2 > left) continue;
    shown.push(`${name}:${text}`);
    left -= name.length + text.length + 2;
  }
  if (shown.length < members.length) cuts.push({ path, shown: shown.length, total: members.length, unit: 'members' });
  return `{${shown.join(',')}}`;
}

/** The size that each value may have at most, so that all of them fit: small ones leave their share to the others. */
function shareOf(values: readonly { readonly fixed: number; readonly size: number }[], room: number): number {
  let left = room - values.reduce((sum, { fixed }) => sum + fixed, 0);
  let share = 0;
  const sorted = values.map(({ size }) => size).sort((a, b) => a - b);
  for (const [index, size] of sorted.entries()) {
    share = Math.floor(left / (sorted.length - index));
    if (size > share) return share;
    left -= size;
  }
  return Math.max(share, sorted.at(-1) ?? 0);
}

function fitString(json: string, value: Child, room: number, path: string, cuts: Cut[]): string {
  let end = value.start + Math.max(1, room - 2);
  // Not inside an escape (`\u00e9`) and not between the halves of a pair.
  const escape = /\\(?:u[0-9a-fA-F]{0,3})?$/.exec(json.slice(Math.max(value.start, end - 6), end));
  if (escape !== null && !isEscapedBackslash(json, end - escape[0].length)) end -= escape[0].length;
  if (/[\uD800-\uDBFF]$/.test(json.slice(value.start, end))) end -= 1;
  if (/\\u[dD][89abAB][0-9a-fA-F]{2}$/.test(json.slice(Math.max(value.start, end - 6), end))) end -= 6;
  cuts.push({ path, shown: end - value.start - 1, total: value.end - value.start - 2, unit: 'characters' });
  return `${json.slice(value.start, end)}…"`;
}

/** True when the backslash at `at` is itself escaped by those before it. */
function isEscapedBackslash(json: string, at: number): boolean {
  let before = 0;
  while (json.charCodeAt(at - 1 - before) === 92) before += 1;
  return before % 2 === 1;
}

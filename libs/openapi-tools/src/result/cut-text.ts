export interface CutText {
  readonly text: string;
  readonly isCut: boolean;
}

/** At most `limit` characters, ended at a line's end where one is near, never inside a surrogate pair. */
export function cutText(text: string, limit: number): CutText {
  if (text.length <= limit) return { text, isCut: false };
  const start = text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
  const line = start.lastIndexOf('\n');
  return { text: line > limit / 2 ? start.slice(0, line + 1) : start, isCut: true };
}

/** Complete lines of a stream of lines (NDJSON) or complete events (SSE), when the stream was ended in the middle of one. */
export function keepComplete(text: string, separator: string): string {
  const end = text.lastIndexOf(separator);
  return end === -1 ? text : text.slice(0, end + separator.length);
}

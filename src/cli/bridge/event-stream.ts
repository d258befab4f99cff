import { readLines } from '../../mcp/stdio/text-lines.js';

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly data: string;
  /** Last id that the stream gave, to go on from. */
  readonly id: string | undefined;
  /** Milliseconds to wait before coming back, once the stream has said so. */
  readonly retry: number | undefined;
}

/** Reads server-sent events (HTML Living Standard §9.2.6) of the type `message`. Ends of lines are LF or CRLF, as MCP servers write them. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<StreamEvent> {
  let data: string[] = [];
  let length = 0;
  let type = '';
  let id: string | undefined;
  let retry: number | undefined;
  for await (const line of readLines(chunks, longest)) {
    // An empty line of data is one more, too.
    length += line.length + 1;
    if (length > longest + 1) throw new Error(`the server sent an event of more than ${longest} characters`);
    if (line === '') {
      if (data.length > 0 && (type === '' || type === 'message')) yield { data: data.join('\n'), id, retry };
      data = [];
      length = 0;
      type = '';
      continue;
    }
    const [field, value] = splitField(line);
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retry = Number(value);
  }
}

function splitField(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 0) return [line, ''];
  return [line.slice(0, colon), line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)];
}

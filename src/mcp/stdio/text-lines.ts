/**
 * The lines of a stream, without their line feeds. Node's readline ends lines at U+2028 too, which a JSON string may hold.
 * @param longest characters of a line; of a longer one, the first `longest` + 1 come at its end
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array | string>, longest: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    if (length <= longest) parts.push(text.slice(0, longest + 1 - length));
    length += text.length;
  };
  const take = (): string => {
    const line = parts.join('');
    parts = [];
    length = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  for await (const chunk of chunks) {
    const [first = '', ...others] = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n');
    add(first);
    for (const text of others) {
      yield take();
      add(text);
    }
  }
  if (length > 0) yield take();
}

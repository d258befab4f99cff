/**
 * Reads server-sent events (HTML Living Standard §9.2.6) of the type `message` from pieces of text. Ends of lines are LF or CRLF, as MCP
 * servers write them. Who gives the pieces bounds their sum.
 */
export class EventLines {
  readonly #take: (data: string) => void;
  /** Pieces of the line that has not ended. */
  #pieces: string[] = [];
  #data: string[] = [];
  #type = '';

  constructor(take: (data: string) => void) {
    this.#take = take;
  }

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#pieces.push(text.slice(start, end));
      const line = this.#pieces.join('');
      this.#pieces = [];
      this.#readLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      start = end + 1;
    }
    if (start < text.length) this.#pieces.push(text.slice(start));
  }

  #readLine(line: string): void {
    if (line === '') {
      const data = this.#data.join('\n');
      const isMessage = this.#type === '' || this.#type === 'message';
      this.#data = [];
      this.#type = '';
      if (isMessage && data !== '') this.#take(data);
      return;
    }
    const colon = line.indexOf(':');
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
  }
}

/**
 * The URIs that an RFC 6570 template may stand for, whatever its expressions are: each is taken for any text, so that this says which
 * server is asked, and the server what there is. Takes time that grows with the URI's length alone.
 */
export class UriGlob {
  readonly #first: string;
  readonly #rest: readonly string[];

  constructor(template: string) {
    const [first = '', ...rest] = template.split(/\{[^{}]*\}/);
    this.#first = first;
    this.#rest = rest;
  }

  matches(uri: string): boolean {
    if (this.#rest.length === 0) return uri === this.#first;
    if (!uri.startsWith(this.#first)) return false;
    const last = this.#rest.at(-1) ?? '';
    let at = this.#first.length;
    for (const part of this.#rest.slice(0, -1)) {
      const found = uri.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return uri.length - last.length >= at && uri.endsWith(last);
  }
}

const EXPRESSION = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** A URI, or a template of simple expressions (RFC 6570 level 1), each of which stands for one segment's part. */
export class UriPattern {
  readonly variables: readonly string[];
  readonly #source: RegExp;

  /** @throws Error for a template of more than simple expressions */
  constructor(readonly text: string) {
    this.variables = [...text.matchAll(EXPRESSION)].map(([, name = '']) => name);
    const literal = text.split(EXPRESSION).filter((_, index) => index % 2 === 0);
    if (literal.some((part) => /[{}]/.test(part))) throw new Error(`the URI template "${text}" has more than simple expressions`);
    this.#source = new RegExp(`^${literal.map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('([^/?#]+)')}$`);
  }

  /** @returns the variables' values, decoded; undefined when the URI is none of these */
  match(uri: string): Readonly<Record<string, string>> | undefined {
    const found = this.#source.exec(uri);
    if (!found) return undefined;
    try {
      return Object.fromEntries(this.variables.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
    } catch {
      return undefined;
    }
  }
}

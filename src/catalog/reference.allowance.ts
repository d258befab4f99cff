import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

/** Which other files a document may refer to: beginnings of addresses, and folders or files below a base folder. */
export class ReferenceAllowance {
  readonly #addresses: readonly URL[];
  readonly #paths: readonly string[];

  /** @param allowed `https://host/path/`, `file:./folder/`, or a path @param folder that relative paths start from */
  constructor(allowed: readonly string[], folder: string) {
    this.#addresses = allowed.filter((entry) => /^https?:/i.test(entry)).map((entry) => new URL(entry));
    this.#paths = allowed.filter((entry) => !/^https?:/i.test(entry)).map((entry) => resolve(folder, entry.replace(/^file:(\/\/)?/, '')));
  }

  get isEmpty(): boolean {
    return this.#addresses.length + this.#paths.length === 0;
  }

  allowsAddress(address: URL): boolean {
    return this.#addresses.some(({ origin, pathname }) => address.origin === origin && startsWith(address.pathname, pathname, '/'));
  }

  /** @returns the real path, symbolic links resolved on both sides, or undefined when it lies nowhere allowed */
  async resolvePath(path: string): Promise<string | undefined> {
    const real = await realpath(path);
    for (const allowed of this.#paths) {
      // An allowed path that does not exist allows nothing.
      const base = await realpath(allowed).catch(() => undefined);
      if (base !== undefined && startsWith(real, base, sep)) return real;
    }
    return undefined;
  }
}

/** Whole segments only: `/schemas` allows `/schemas/a.yaml`, not `/schemas-of-others`. */
function startsWith(text: string, prefix: string, separator: string): boolean {
  const folder = prefix.endsWith(separator) ? prefix : prefix + separator;
  return text === prefix || text.startsWith(folder);
}

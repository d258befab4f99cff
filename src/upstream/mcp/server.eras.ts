const MOST = 1_000;
/** A server may be another version's tomorrow. */
const LIFE_MS = 10 * 60_000;

export type Era = 'modern' | 'legacy';

/** Which era each server spoke last, so that it is not asked before every request. It is no secret of any caller's. */
export class ServerEras {
  readonly #eras = new Map<string, { readonly era: Era; readonly dropAt: number }>();

  find(url: string): Era | undefined {
    const known = this.#eras.get(url);
    return known && performance.now() < known.dropAt ? known.era : undefined;
  }

  add(url: string, era: Era): void {
    this.#eras.delete(url);
    this.#eras.set(url, { era, dropAt: performance.now() + LIFE_MS });
    const [oldest] = this.#eras.size > MOST ? this.#eras.keys() : [];
    if (oldest !== undefined) this.#eras.delete(oldest);
  }

  forget(url: string): void {
    this.#eras.delete(url);
  }
}

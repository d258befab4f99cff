const LARGEST = 20_000;

/** What says itself how long it may be held, in milliseconds. */
export interface Perishable {
  readonly goodFor: number;
}

interface Held<T> {
  readonly value: Promise<T>;
  /** Monotonic milliseconds; Infinity while it is loaded. */
  dropAt: number;
}

/** Values in memory: each loaded once at a time, held for as long as it says, failures not at all. Bounded, oldest first out. */
export class HeldValues<T extends Perishable> {
  #held = new Map<string, Held<T>>();

  /** @throws whatever `load` throws, to all who wait for it */
  obtain(id: string, load: () => Promise<T>): Promise<T> {
    const known = this.#held.get(id);
    return known && performance.now() < known.dropAt ? known.value : this.#hold(id, load);
  }

  forget(id: string): void {
    this.#held.delete(id);
  }

  /** Forgets all whose id begins so. */
  forgetBeginning(start: string): void {
    for (const id of this.#held.keys()) if (id.startsWith(start)) this.#held.delete(id);
  }

  /** With a new map, so that what is being loaded is held by nobody: it was asked before the change. */
  clear(): void {
    this.#held = new Map();
  }

  #hold(id: string, load: () => Promise<T>): Promise<T> {
    const all = this.#held;
    if (all.size >= LARGEST) {
      const [oldest] = all.keys();
      if (oldest !== undefined) all.delete(oldest);
    }
    const held: Held<T> = {
      value: load().then(
        (value) => {
          held.dropAt = performance.now() + value.goodFor;
          return value;
        },
        (error: unknown) => {
          if (all.get(id) === held) all.delete(id);
          throw error;
        },
      ),
      dropAt: Infinity,
    };
    all.delete(id);
    all.set(id, held);
    return held.value;
  }
}

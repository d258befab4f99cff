import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSources } from './corpus.mjs';
import { makeCase } from './make-case.mjs';
import { Random } from './random.mjs';

const folder = join(import.meta.dirname, 'findings');
/** Inputs kept of one kind: the first ones say it all. */
const keptOfAKind = 2;

/** Keeps each broken promise: prints it, and writes the input that shows it beside its seed. */
export class FindingStore {
  #seen = new Map();
  #seed;
  #isSmall;
  count = 0;

  constructor(seed, isSmall) {
    this.#seed = seed;
    this.#isSmall = isSmall;
  }

  get kinds() {
    return this.#seen.size;
  }

  add({ finding, detail, number, source, done }) {
    this.count += 1;
    const kind = `${finding} ${detail.replace(/\d+/g, '#').split('\n').slice(0, 3).join(' ').slice(0, 160)}`;
    const times = (this.#seen.get(kind) ?? 0) + 1;
    this.#seen.set(kind, times);
    if (times > keptOfAKind) return;
    console.log(`${finding} (case ${number}, ${source ?? 'unknown source'}): ${detail}`);
    mkdirSync(folder, { recursive: true });
    const name = join(folder, `seed-${this.#seed}-case-${number}`);
    const input = makeCase(new Random(this.#seed * 1_000_003 + number), listSources({ isSmall: this.#isSmall }));
    writeFileSync(`${name}.input`, input.text);
    for (const [index, overlay] of input.overlays.entries()) writeFileSync(`${name}.overlay${index}`, overlay);
    writeFileSync(`${name}.json`, JSON.stringify({ seed: this.#seed, case: number, small: this.#isSmall, finding, detail, source, done }, null, 2));
  }
}

import { splitWords, type SearchTerms } from '../catalog/search-terms.js';

/** A tool that a search found: its place in the list of tools, and how well it fits. */
export interface Hit {
  readonly position: number;
  readonly score: number;
}

/** BM25 with its usual saturation; `b` is lower, because tools with long descriptions are not worse ones. */
const K1 = 1.2;
const B = 0.5;

/** Distinct words of a query that count. */
const MOST_QUERY_WORDS = 32;

/**
 * Full-text index over exactly the tools that it was given: what one caller sees. Every figure that a score is made of (how many tools
 * there are, how many have a word, how long they are) is of these tools, so nothing outside of them changes a result. Small typed arrays;
 * the words themselves are shared with the other indexes.
 */
export class ToolIndex {
  readonly #slots = new Map<string, number>();
  /** Where the postings of a word begin; the next one's beginning is their end. */
  readonly #starts: Uint32Array;
  readonly #positions: Uint32Array;
  readonly #weights: Float32Array;
  /** By tool: K1 × (1 − b + b × length / average length). */
  readonly #norms: Float32Array;

  constructor(tools: readonly SearchTerms[]) {
    const total = tools.reduce((sum, { terms }) => sum + terms.length, 0);
    const slotOf = new Uint32Array(total);
    const counts: number[] = [];
    let at = 0;
    for (const { terms } of tools) {
      for (const term of terms) {
        const slot = this.#slots.get(term) ?? counts.length;
        if (slot === counts.length) this.#slots.set(term, slot);
        counts[slot] = (counts[slot] ?? 0) + 1;
        slotOf[at] = slot;
        at += 1;
      }
    }
    this.#starts = accumulate(counts);
    this.#positions = new Uint32Array(total);
    this.#weights = new Float32Array(total);
    this.#fill(tools, slotOf);
    const average = tools.reduce((sum, { length }) => sum + length, 0) / Math.max(tools.length, 1);
    this.#norms = Float32Array.from(tools, ({ length }) => K1 * (1 - B + (B * length) / Math.max(average, 1)));
  }

  /** The best first; tools that fit equally well stay in the order of the list. @param limit of hits */
  search(query: string, limit: number): readonly Hit[] {
    const scores = new Map<number, number>();
    for (const word of [...new Set(splitWords(query))].slice(0, MOST_QUERY_WORDS)) this.#score(word, scores);
    const hits = [...scores].map(([position, score]) => ({ position, score }));
    return hits.sort((one, other) => other.score - one.score || one.position - other.position).slice(0, limit);
  }

  #score(word: string, scores: Map<number, number>): void {
    const slot = this.#slots.get(word);
    if (slot === undefined) return;
    const start = this.#starts[slot] ?? 0;
    const end = this.#starts[slot + 1] ?? start;
    const having = end - start;
    const rarity = Math.log(1 + (this.#norms.length - having + 0.5) / (having + 0.5));
    for (let at = start; at < end; at += 1) {
      const position = this.#positions[at] ?? 0;
      const weight = this.#weights[at] ?? 0;
      scores.set(position, (scores.get(position) ?? 0) + (rarity * weight * (K1 + 1)) / (weight + (this.#norms[position] ?? K1)));
    }
  }

  #fill(tools: readonly SearchTerms[], slotOf: Uint32Array): void {
    const next = this.#starts.slice();
    let at = 0;
    for (const [position, { weights }] of tools.entries()) {
      for (const weight of weights) {
        const slot = slotOf[at] ?? 0;
        const place = next[slot] ?? 0;
        this.#positions[place] = position;
        this.#weights[place] = weight;
        next[slot] = place + 1;
        at += 1;
      }
    }
  }
}

function accumulate(counts: readonly number[]): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (const [slot, count] of counts.entries()) starts[slot + 1] = (starts[slot] ?? 0) + count;
  return starts;
}

import type { JsonObject } from '../json.js';

/** What a schema says together with all that it joins. */
interface Summary {
  /** Its own names, and summaries of what it joins that have some: so a chain of thousands takes no more room than it has names. */
  readonly names: readonly string[];
  readonly joined: readonly Summary[];
  readonly isMarked: boolean;
}

/** What a schema says by itself. */
export interface OwnSummary {
  readonly names: readonly string[];
  readonly isMarked: boolean;
}

/** A schema whose summary is being made; `low` is the first of those around it that it joins again (Tarjan's algorithm). */
interface Visit {
  readonly schema: JsonObject;
  readonly targets: readonly JsonObject[];
  readonly index: number;
  low: number;
  next: number;
}

/**
 * Answers about schemas and all that they join, each schema read once however many join it. What joins each other in a circle has one
 * summary. Without recursion: any depth is safe.
 */
export class JoinedSchemas {
  readonly #summaries = new Map<JsonObject, Summary>();

  constructor(
    private readonly targetsOf: (schema: JsonObject) => readonly JsonObject[],
    private readonly describe: (schema: JsonObject) => OwnSummary,
  ) {}

  namesOf(schema: JsonObject): ReadonlySet<string> {
    const own = this.#summaryOf(schema);
    const names = new Set<string>();
    if (own.names.length === 0 && own.joined.length === 0) return names;
    const summaries = new Set([own]);
    // The set grows while it is read.
    for (const summary of summaries) {
      for (const name of summary.names) names.add(name);
      for (const joined of summary.joined) summaries.add(joined);
    }
    return names;
  }

  isMarked(schema: JsonObject): boolean {
    return this.#summaryOf(schema).isMarked;
  }

  #summaryOf(start: JsonObject): Summary {
    const known = this.#summaries.get(start);
    if (known !== undefined) return known;
    const visits = new Map<JsonObject, Visit>();
    const path: Visit[] = [];
    const unfinished: Visit[] = [];
    const enter = (schema: JsonObject): void => {
      const visit = { schema, targets: this.targetsOf(schema), index: visits.size, low: visits.size, next: 0 };
      visits.set(schema, visit);
      path.push(visit);
      unfinished.push(visit);
    };
    enter(start);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = visit.targets[visit.next];
      visit.next += 1;
      if (target === undefined) {
        path.pop();
        const around = path.at(-1);
        if (around !== undefined) around.low = Math.min(around.low, visit.low);
        if (visit.low === visit.index) this.#finish(unfinished.splice(unfinished.lastIndexOf(visit)));
      } else if (!this.#summaries.has(target)) {
        const seen = visits.get(target);
        if (seen === undefined) enter(target);
        else visit.low = Math.min(visit.low, seen.index);
      }
    }
    return this.#summaries.get(start) ?? plain;
  }

  /** One schema, or several that join each other in a circle. */
  #finish(circle: readonly Visit[]): void {
    const names: string[] = [];
    const joined = new Set<Summary>();
    let isMarked = false;
    for (const { schema, targets } of circle) {
      const own = this.describe(schema);
      names.push(...own.names);
      isMarked ||= own.isMarked;
      for (const target of targets) {
        const summary = this.#summaries.get(target);
        if (summary === undefined) continue;
        isMarked ||= summary.isMarked;
        if (summary.names.length > 0 || summary.joined.length > 0) joined.add(summary);
      }
    }
    const summary = summaryOf(names, [...joined], isMarked);
    for (const { schema } of circle) this.#summaries.set(schema, summary);
  }
}

/** One that adds nothing is that of what it joins, so that a long chain without names stays short. */
function summaryOf(names: readonly string[], joined: readonly Summary[], isMarked: boolean): Summary {
  if (names.length > 0) return { names, joined, isMarked };
  const [only = isMarked ? markedOnly : plain] = joined;
  return joined.length < 2 && only.isMarked === isMarked ? only : { names, joined, isMarked };
}

const plain: Summary = { names: [], joined: [], isMarked: false };
const markedOnly: Summary = { names: [], joined: [], isMarked: true };

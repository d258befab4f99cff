import type { Operation } from './operation.js';

/** Which operations become tools. What is not given does not filter; within a list any entry suffices. */
export interface OperationFilter {
  readonly tags?: readonly string[] | undefined;
  readonly excludeTags?: readonly string[] | undefined;
  /** Path globs: `*` within a segment, `**` across segments; `{id}` is literal. */
  readonly paths?: readonly string[] | undefined;
  /** HTTP methods, in any case. */
  readonly methods?: readonly string[] | undefined;
  /** Globs over operationIds, `*` and `**` as in paths; an operation without an id matches none. */
  readonly operationIds?: readonly string[] | undefined;
  /** False leaves deprecated operations out. */
  readonly deprecated?: boolean | undefined;
}

type Filterable = Pick<Operation, 'tags' | 'path' | 'method' | 'operationId' | 'deprecated'>;

/** Why a filter leaves an operation out, or undefined when it stays. */
export function filterReason(operation: Filterable, filter: OperationFilter): string | undefined {
  const { tags, path, method, operationId } = operation;
  const lacks = (list: readonly string[] | undefined, holds: (entry: string) => boolean): boolean => list !== undefined && !list.some(holds);
  if (lacks(filter.tags, (tag) => tags.includes(tag))) return leftOut('tags');
  if (filter.excludeTags?.some((tag) => tags.includes(tag)) === true) return leftOut('excludeTags');
  if (lacks(filter.paths, (glob) => matchesGlob(glob, path))) return leftOut('paths');
  if (lacks(filter.methods, (name) => name.toUpperCase() === method)) return leftOut('methods');
  if (lacks(filter.operationIds, (glob) => operationId !== undefined && matchesGlob(glob, operationId))) return leftOut('operationIds');
  if (filter.deprecated === false && operation.deprecated) return leftOut('deprecated');
  return undefined;
}

const leftOut = (field: string): string => `Left out by the filter "${field}".`;

/**
 * Whether a glob matches the whole text: `*` any characters but `/`, `**` any characters, all others themselves. All positions of
 * the glob are followed at once, so the time is bounded by the product of the two lengths.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const tokens = glob.match(/\*\*+|[\s\S]/gu) ?? [];
  let positions = passStars(tokens, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const position of positions) {
      const token = tokens[position];
      if (token === character && token !== '*') next.add(position + 1);
      else if (token !== undefined && isStar(token) && (token !== '*' || character !== '/')) next.add(position);
    }
    positions = passStars(tokens, next);
  }
  return positions.has(tokens.length);
}

const isStar = (token: string | undefined): boolean => token?.startsWith('*') === true;

/** Adds the positions behind stars that match nothing. */
function passStars(tokens: readonly string[], positions: Set<number>): Set<number> {
  for (const position of positions) if (isStar(tokens[position])) positions.add(position + 1);
  return positions;
}

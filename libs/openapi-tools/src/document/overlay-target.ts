import { JSONPathError, JSONPathRecursionLimitError } from 'json-p3';
import type { JsonObject } from '../json.js';
import { linearJsonPath } from '../linear-json-path.js';

/** Keys and indexes from the root. */
export type Location = readonly (string | number)[];

/** The places that a path selects, once each, in document order; undefined when there are more than `limit`, or nesting too deep for it. */
export type Target = (root: JsonObject, limit: number) => readonly Location[] | undefined;

const maxExpression = 4_096;

/** Compiles a JSONPath query (RFC 9535; patterns of `match` and `search` in linear time), or says in a few words what is wrong. */
export function compileTarget(expression: string): Target | string {
  if (expression.length > maxExpression) return `it is longer than ${maxExpression} characters`;
  try {
    const query = linearJsonPath.compile(expression);
    return (root, limit) => {
      const locations = new Map<string, Location>();
      try {
        // The library reads JSON data; a document is that, read-only.
        for (const { location } of query.lazyQuery(root as Parameters<typeof query.lazyQuery>[0])) {
          locations.set(JSON.stringify(location), location);
          if (locations.size > limit) return undefined;
        }
      } catch (error) {
        if (error instanceof JSONPathRecursionLimitError) return undefined;
        throw error;
      }
      return [...locations.values()];
    };
  } catch (error) {
    if (error instanceof JSONPathError) return error.message.slice(0, 200);
    throw error;
  }
}

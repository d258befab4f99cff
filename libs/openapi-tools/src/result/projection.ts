import { JSONPathError, type JSONPathQuery } from 'json-p3';
import { isArray, isObject, parseArguments, writeJson, type JsonValue } from '../json.js';
import { linearJsonPath } from '../linear-json-path.js';

/** The part of an answer that a tool may show. */
export interface Projection {
  readonly path: string;
  /** The selected part of a JSON text: the value of a singular query, else an array of all that match; undefined when nothing does. */
  select(json: string): string | undefined;
}

/** A projection is no JSONPath (RFC 9535). `message` says what is wrong and where. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';
}

/** Compiles a JSONPath, so that a wrong one is refused before any call. @throws ProjectionError */
export function compileProjection(path: string): Projection {
  const query = parseQuery(path);
  return {
    path,
    select(json) {
      const value = parseArguments(json);
      // The library's input type is a mutable twin of ours, and a scalar has nothing to select from.
      const nodes = isArray(value) || isObject(value) || path === '$' ? selectNodes(query, value as Parameters<JSONPathQuery['query']>[0]) : [];
      if (nodes.length === 0) return undefined;
      return writeJson((query.singularQuery() ? nodes[0] : nodes) as JsonValue);
    },
  };
}

/** An answer nested deeper than the library walks has nothing that may be shown: a projection fails closed. */
function selectNodes(query: JSONPathQuery, value: Parameters<JSONPathQuery['query']>[0]): readonly unknown[] {
  try {
    return query.query(value).values();
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    return [];
  }
}

function parseQuery(path: string): JSONPathQuery {
  try {
    return linearJsonPath.compile(path);
  } catch (error) {
    // The library throws nothing but its own syntax, type and name errors here.
    throw new ProjectionError(`${JSON.stringify(path)} is not a JSONPath: ${error instanceof Error ? error.message : 'it cannot be parsed'}`, { cause: error });
  }
}

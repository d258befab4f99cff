import { compile, type JSONPathQuery } from 'json-p3';
import { isArray, isObject, parseArguments, writeJson, type JsonValue } from '../json.js';

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
      const nodes = isArray(value) || isObject(value) || path === '$' ? query.query(value as Parameters<JSONPathQuery['query']>[0]).values() : [];
      if (nodes.length === 0) return undefined;
      return writeJson((query.singularQuery() ? nodes[0] : nodes) as JsonValue);
    },
  };
}

function parseQuery(path: string): JSONPathQuery {
  try {
    return compile(path);
  } catch (error) {
    // The library throws nothing but its own syntax, type and name errors here.
    throw new ProjectionError(`${JSON.stringify(path)} is not a JSONPath: ${error instanceof Error ? error.message : 'it cannot be parsed'}`, { cause: error });
  }
}

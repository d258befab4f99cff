import { FunctionExpressionType, JSONPathEnvironment, JSONPathError, JSONPathRecursionLimitError, type FilterFunction } from 'json-p3';
import { RE2JS } from 're2js';
import type { JsonObject } from '../json.js';

/** Keys and indexes from the root. */
export type Location = readonly (string | number)[];

/** The places that a path selects, once each, in document order; undefined when there are more than `limit`, or nesting too deep for it. */
export type Target = (root: JsonObject, limit: number) => readonly Location[] | undefined;

const maxExpression = 4_096;

const environment = new JSONPathEnvironment({ maxRecursionDepth: 512 });
// The library's own functions use the built-in engine, whose backtracking an overlay could abuse.
environment.functionRegister.set('match', linear((pattern, text) => pattern.matches(text)));
environment.functionRegister.set('search', linear((pattern, text) => pattern.test(text)));

/** Compiles a JSONPath query (RFC 9535; patterns of `match` and `search` in linear time), or says in a few words what is wrong. */
export function compileTarget(expression: string): Target | string {
  if (expression.length > maxExpression) return `it is longer than ${maxExpression} characters`;
  try {
    const query = environment.compile(expression);
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

function linear(holds: (pattern: RE2JS, text: string) => boolean): FilterFunction {
  const { ValueType, LogicalType } = FunctionExpressionType;
  let last: { readonly text: string; readonly pattern: RE2JS | undefined } | undefined;
  return {
    argTypes: [ValueType, ValueType],
    returnType: LogicalType,
    call(text: unknown, pattern: unknown): boolean {
      if (typeof text !== 'string' || typeof pattern !== 'string') return false;
      if (last?.text !== pattern) last = { text: pattern, pattern: compilePattern(pattern) };
      return last.pattern !== undefined && holds(last.pattern, text);
    },
  };
}

function compilePattern(text: string): RE2JS | undefined {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(text));
  } catch {
    // RFC 9535 §2.4.6: what is no regular expression matches nothing.
    return undefined;
  }
}

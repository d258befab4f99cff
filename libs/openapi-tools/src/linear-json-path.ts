import { FunctionExpressionType, JSONPathEnvironment, type FilterFunction } from 'json-p3';
import { RE2JS } from 're2js';

/**
 * JSONPath (RFC 9535) whose `match` and `search` take linear time: the library's own use the built-in engine, whose backtracking a
 * document, an overlay or an upstream's answer could abuse. Nesting deeper than 512 is its JSONPathRecursionLimitError.
 */
export const linearJsonPath = new JSONPathEnvironment({ maxRecursionDepth: 512 });
linearJsonPath.functionRegister.set('match', linear((pattern, text) => pattern.matches(text)));
linearJsonPath.functionRegister.set('search', linear((pattern, text) => pattern.test(text)));

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

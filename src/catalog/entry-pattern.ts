/** Whether a pattern such as `orders.*` names this `api.operation`; `*` stands for any characters, nothing else is special. */
export function matchesPattern(pattern: string, path: string): boolean {
  return compilePatterns([pattern])(path);
}

/** The same for any of several patterns, for many paths: plain names and beginnings, as most patterns are, cost next to nothing. */
export function compilePatterns(patterns: readonly string[]): (path: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const beginnings = patterns.filter((pattern) => pattern.indexOf('*') === pattern.length - 1 && pattern !== '').map((pattern) => pattern.slice(0, -1));
  const expressions = patterns.filter((pattern) => pattern.includes('*') && pattern.indexOf('*') < pattern.length - 1).map(toExpression);
  return (path) => names.has(path) || beginnings.some((beginning) => path.startsWith(beginning)) || expressions.some((expression) => expression.test(path));
}

function toExpression(pattern: string): RegExp {
  const source = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's');
}

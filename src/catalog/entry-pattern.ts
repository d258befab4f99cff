/** Whether a pattern such as `orders.*` names this `api.operation`; `*` stands for any characters, nothing else is special. */
export function matchesPattern(pattern: string, path: string): boolean {
  return compilePatterns([pattern])(path);
}

/** The same for any of several patterns, for many paths. */
export function compilePatterns(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
    return new RegExp(`^${source.join('.*')}$`);
  });
  return (path) => expressions.some((expression) => expression.test(path));
}

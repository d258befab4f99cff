/** Whether a pattern such as `orders.*` names this `api.operation`; `*` stands for any characters, nothing else is special. */
export function matchesPattern(pattern: string, path: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(path);
}

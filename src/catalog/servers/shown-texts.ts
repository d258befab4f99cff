import { stripInvisible } from '@gatehouse-mcp/openapi-tools';

/** What models and people read as prose; every other text is a value or a name, which has to stay as it is. */
const PROSE = new Set(['title', 'description']);

/** The same without the characters that nobody sees, in every title and description. The value must be of bounded depth. */
export function stripTexts<T>(value: T): T {
  // Member by member it is the same shape.
  return strip(value, '') as T;
}

function strip(value: unknown, key: string): unknown {
  if (typeof value === 'string') return PROSE.has(key) ? stripInvisible(value).text : value;
  if (Array.isArray(value)) return value.map((member) => strip(member, ''));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, strip(member, name)]));
}

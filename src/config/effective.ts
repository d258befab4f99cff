import { dump } from 'js-yaml';
import type { Configuration } from './configuration.schema.js';

/**
 * The configuration with every default in it, as YAML. It holds no secret: a reference stands where one is, and says no more.
 */
export function describeEffective(settings: Configuration): string {
  return dump(mask(settings), { noRefs: true, lineWidth: 140, skipInvalid: true });
}

/** Settings whose reference is no secret. */
const PLACES = new Set(['openapi', 'overlay', 'references', 'module', 'modules']);

function mask(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return !PLACES.has(key) && /^(?:env|file):/.test(value) ? `${value} (not shown)` : value;
  if (Array.isArray(value)) return value.map((item) => mask(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, name)]));
}

import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import type { OpenapiEntry } from './entry.js';
import { isSafe } from './safe-operation.js';

/** An operation that is also a resource, or a template of them: a safe one whose required arguments all stand in its path (openapi.md decision 18). */
export interface ApiResource {
  readonly isTemplate: boolean;
  /** Its place in a list, as JSON text. */
  readonly listed: string;
  /** @param values as they stand in a URI, decoded @returns undefined where there are more or fewer of them */
  argumentsOf(values: readonly string[]): JsonObject | undefined;
}

const ROOT = 'gatehouse://resources/';
const SHAPE = /^gatehouse:\/\/resources\/([A-Za-z0-9_-]{1,64})((?:\/[^/?#]+)*)$/;

/** Compiling says what is required, so each entry is asked once. */
const known = new WeakMap<OpenapiEntry, ApiResource | 'none'>();

/** @returns undefined for what is none, or whose API does not offer resources */
export function resourceOf(entry: OpenapiEntry): ApiResource | undefined {
  if (!entry.api.settings.resources || !isSafe(entry.operation)) return undefined;
  const found = known.get(entry) ?? describe(entry) ?? 'none';
  known.set(entry, found);
  return found === 'none' ? undefined : found;
}

/** The tool that a URI names, and the values behind it, decoded; undefined for a URI of another form. */
export function readResourceUri(uri: string): { readonly tool: string; readonly values: readonly string[] } | undefined {
  const [, tool, rest = ''] = SHAPE.exec(uri) ?? [];
  if (tool === undefined) return undefined;
  try {
    return { tool, values: rest.split('/').slice(1).map(decodeURIComponent) };
  } catch {
    return undefined;
  }
}

function describe({ name, title, description, api, operation, compiled }: OpenapiEntry): ApiResource | undefined {
  // Nested arguments have no names that a template could use.
  if ((operation.override?.argumentMode ?? api.settings.argumentMode) === 'nested') return undefined;
  const { parameters, body } = compiled.binding;
  const inPath = parameters.filter(({ location, fixed }) => location === 'path' && fixed === undefined).map(({ key }) => key);
  const needsMore = parameters.some(({ location, required, fixed, fallback }) => location !== 'path' && required && fixed === undefined && fallback === undefined);
  if (needsMore || body?.required || !inPath.every((key) => /^\w+$/.test(key))) return undefined;
  const uri = [ROOT + name, ...inPath.map((key) => `{${key}}`)].join('/');
  const isTemplate = inPath.length > 0;
  return {
    isTemplate,
    listed: JSON.stringify({ [isTemplate ? 'uriTemplate' : 'uri']: uri, name, title, description }),
    argumentsOf: (values) => (values.length === inPath.length ? Object.fromEntries(inPath.map((key, index) => [key, values[index] ?? ''])) : undefined),
  };
}

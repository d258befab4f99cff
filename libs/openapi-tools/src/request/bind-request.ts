import { ArgumentError } from '../arguments/argument.error.js';
import type { BindingTable, ParameterBinding } from '../tool/binding-table.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { DocumentError } from '../document/document.error.js';
import { own, type JsonObject, type JsonValue } from '../json.js';
import { flattenArguments } from '../tool/nested-arguments.js';
import { writeBody } from './body-content.js';
import { serialiseCookie } from './cookie-header.js';
import { pathValueProblem } from './path-safety.js';
import type { TemplatePart } from '../operation/path-template.js';
import { serialiseQueryString } from './query-string.js';
import { serialiseHeader, serialisePath, serialiseQuery } from './serialise-parameter.js';
import type { ServerBase } from '../document/server-url.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case, in the order to send: `accept`, header parameters, one `cookie`, then `content-type` when there is a body. */
  readonly headers: readonly (readonly [string, string])[];
  /** A text is sent as UTF-8. */
  readonly body?: string | Uint8Array;
}

export interface BindTarget {
  /** An http or https URL that wins over the document's servers. */
  readonly baseUrl?: string;
  /** Most bytes that the files of one call may have together, decoded; default 10 MiB. */
  readonly maxFileBytes?: number;
}

const defaultMaxFileBytes = 10 * 1024 * 1024;

/** What is collected of a request while its parameters are bound. */
interface Collected {
  readonly query: string[];
  readonly headers: (readonly [string, string])[];
  readonly cookies: string[];
}

/**
 * Builds the request of a call from validated arguments. Throws ArgumentError for a value that may not be sent there (its message
 * is for the model) and DocumentError `no_server` when there is no base URL. The URL always has the base's origin, its path as
 * prefix and the template's segment count.
 */
export function bindRequest(compiled: CompiledOperation, given: JsonObject, target: BindTarget = {}): HttpRequest {
  const base = compiled.serverBase(target.baseUrl);
  if (base === undefined) throw new DocumentError('no_server', `${compiled.operation.key} has no usable server URL; configure a base URL.`);
  const { binding, operation } = compiled;
  const args = binding.groups === undefined ? given : flattenArguments(given, binding.groups);
  const collected: Collected = { query: [], headers: [['accept', binding.accept]], cookies: [] };
  const { query, headers, cookies } = collected;
  if (base.query !== '') query.push(base.query);
  if (binding.path.query !== '') query.push(binding.path.query);
  for (const parameter of binding.parameters) {
    if (parameter.location === 'path') continue;
    const value = valueOf(parameter, args);
    if (value !== undefined) bindParameter(parameter, value, collected);
    else if (parameter.required) throw missing(parameter.key);
  }
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')]);
  const url = buildUrl(base, binding, args, query);
  const content = binding.body === undefined ? undefined : writeBody(binding.body, args, target.maxFileBytes ?? defaultMaxFileBytes);
  if (content === undefined) return { method: operation.method, url, headers };
  headers.push(['content-type', content.contentType]);
  return { method: operation.method, url, headers, body: content.body };
}

function valueOf({ key, fixed, fallback }: ParameterBinding, args: JsonObject): JsonValue | undefined {
  if (fixed !== undefined) return fixed;
  const given = own(args, key);
  return given === undefined ? fallback : given;
}

function bindParameter(parameter: ParameterBinding, value: JsonValue, { query, headers, cookies }: Collected): void {
  switch (parameter.location) {
    case 'query':
      for (const pair of serialiseQuery(parameter, value)) query.push(pair);
      break;
    case 'querystring': {
      const text = serialiseQueryString(parameter, value);
      if (text !== '') query.push(text);
      break;
    }
    case 'cookie':
      for (const pair of serialiseCookie(parameter, value)) cookies.push(pair);
      break;
    case 'header': {
      const text = serialiseHeader(parameter, value);
      if (text !== undefined) headers.push([parameter.wireName, text]);
      break;
    }
    case 'path':
      break;
  }
}

const missing = (key: string): ArgumentError => new ArgumentError(`Argument "${key}" is required.`, key);

function buildUrl(base: ServerBase, { path, parameters }: BindingTable, args: JsonObject, query: readonly string[]): URL {
  let pathname = base.path;
  for (const segment of path.segments) pathname += `/${fillSegment(segment, parameters, args)}`;
  const url = new URL(query.length === 0 ? base.origin + pathname : `${base.origin}${pathname}?${query.join('&')}`);
  // Whatever the parser would have changed (dots collapsed, slashes turned) is another endpoint: the second wall.
  if (url.origin !== base.origin || url.pathname !== pathname || countSlashes(pathname) !== countSlashes(base.path) + path.segments.length) {
    throw new ArgumentError('The arguments would lead to another path than the operation\'s.');
  }
  return url;
}

function fillSegment(segment: readonly TemplatePart[], parameters: readonly ParameterBinding[], args: JsonObject): string {
  let encoded = '';
  let raw = '';
  let argument = '';
  for (const part of segment) {
    if ('literal' in part) {
      encoded += part.literal;
      raw += part.literal;
      continue;
    }
    const parameter = parameters.find(({ location, name }) => location === 'path' && name === part.name);
    const value = parameter === undefined ? undefined : valueOf(parameter, args);
    if (parameter === undefined || value === undefined) throw missing(parameter?.key ?? part.name);
    argument = parameter.key;
    const serialised = serialisePath(parameter, value);
    if (serialised.raw.length === 0) refuse(argument, 'is empty, and an empty path segment names another resource');
    for (const text of serialised.raw) assertSafe(argument, text);
    if (serialised.raw.length > 1) assertSafe(argument, serialised.raw.join(','));
    encoded += serialised.encoded;
    raw += serialised.raw.join(',');
  }
  // Two harmless parts may make `..` together.
  if (segment.length > 1) assertSafe(argument, raw);
  return encoded;
}

function assertSafe(argument: string, text: string): void {
  const problem = pathValueProblem(text);
  if (problem !== undefined) refuse(argument, problem);
}

function refuse(argument: string, problem: string): never {
  throw new ArgumentError(`Argument "${argument}" ${problem}.`, argument);
}

function countSlashes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) count += 1;
  return count;
}

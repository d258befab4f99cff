import { ArgumentError } from '../arguments/argument.error.js';
import type { BindingTable, BodyBinding, ParameterBinding } from '../tool/binding-table.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { DocumentError } from '../document/document.error.js';
import { own, put, type JsonDraft, type JsonObject } from '../json.js';
import { pathValueProblem } from './path-safety.js';
import type { TemplatePart } from '../operation/path-template.js';
import { serialiseHeader, serialisePath, serialiseQuery } from './serialise-parameter.js';
import type { ServerBase } from '../document/server-url.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case, in the order to send; `accept` first, `content-type` when there is a body. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
}

/**
 * Builds the request of a call from validated arguments. `target.baseUrl` (http or https) wins over the document's servers.
 * Throws ArgumentError for a value that may not be sent there (its message is for the model) and DocumentError `no_server`
 * when there is no base URL. The URL always has the base's origin, its path as prefix and the template's segment count.
 */
export function bindRequest(compiled: CompiledOperation, args: JsonObject, target: { readonly baseUrl?: string } = {}): HttpRequest {
  const base = compiled.serverBase(target.baseUrl);
  if (base === undefined) throw new DocumentError('no_server', `${compiled.operation.key} has no usable server URL; configure a base URL.`);
  const { binding, operation } = compiled;
  const headers: (readonly [string, string])[] = [['accept', binding.accept]];
  const query: string[] = [];
  if (base.query !== '') query.push(base.query);
  if (binding.path.query !== '') query.push(binding.path.query);
  for (const parameter of binding.parameters) {
    if (parameter.location === 'path') continue;
    const value = own(args, parameter.key);
    if (value === undefined) {
      if (parameter.required) throw missing(parameter.key);
      continue;
    }
    if (parameter.location === 'query') {
      for (const pair of serialiseQuery(parameter, value, binding.reservedQueryNames)) query.push(pair);
    } else {
      const text = serialiseHeader(parameter, value);
      if (text !== undefined) headers.push([parameter.name.toLowerCase(), text]);
    }
  }
  const url = buildUrl(base, binding, args, query);
  const body = binding.body === undefined ? undefined : buildBody(binding.body, binding, args);
  if (body === undefined) return { method: operation.method, url, headers };
  headers.push(['content-type', binding.body?.mediaType ?? 'application/json']);
  return { method: operation.method, url, headers, body };
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
    const value = parameter === undefined ? undefined : own(args, parameter.key);
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

/** The JSON text of the body, or undefined for none: an absent optional body is not `{}` and not `null` (W11). */
function buildBody(body: BodyBinding, binding: BindingTable, args: JsonObject): string | undefined {
  if (body.kind === 'whole') {
    const value = own(args, body.key);
    if (value === undefined && body.required) throw missing(body.key);
    return value === undefined ? undefined : JSON.stringify(value);
  }
  const draft: JsonDraft = {};
  let isGiven = body.required;
  // In the order of the arguments: the caller's own order is the one that may matter to an upstream.
  for (const [key, value] of Object.entries(args)) {
    const name = body.names.get(key) ?? (body.isOpen && isExtra(key, body, binding) ? key : undefined);
    if (name === undefined) continue;
    put(draft, name, value);
    isGiven = true;
  }
  return isGiven ? JSON.stringify(draft) : undefined;
}

/** A property has one key: its own name as a second one would overwrite it. */
function isExtra(key: string, body: { readonly properties: readonly { readonly name: string }[] }, binding: BindingTable): boolean {
  return !binding.parameters.some((parameter) => parameter.key === key) && !body.properties.some(({ name }) => name === key);
}

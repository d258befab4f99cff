import { isArray, isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { Operation } from '../operation/operation.js';
import type { RepairList } from '../repair.js';
import type { ApiDocument } from './load-document.js';
import type { ServerList } from './version-view.js';

/** A server URL taken apart once, so that requests are built by joining text. */
export interface ServerBase {
  readonly origin: string;
  /** Starts with `/` or is empty; no trailing slash. */
  readonly path: string;
  /** Query of the server URL without `?`; usually empty. */
  readonly query: string;
}

/** The server that a document gives an operation. */
export interface OperationServer {
  /** Absolute http(s) URL; absent when the document gives none that can be used. */
  readonly url?: string;
  /** What an operation or its path says for itself, variables filled in; a base URL that replaces the document's server does not replace this one. */
  readonly written?: string;
  /** The document's own server beside it: what a base URL stands for. */
  readonly replaced?: string;
}

type Judged = { readonly written: string; readonly url?: string; readonly problem?: string } | { readonly problem: string };

/**
 * The server of an operation: the first usable one of the operation's, else of its path's, else of the document's servers (OAS 3.1
 * §4.8.5); variables from the administrator's `serverVariables`, else by their defaults; relative ones against the document's own URL.
 */
export function readOperationServer(document: ApiDocument, operation: Operation, repairs: RepairList): OperationServer {
  const list = document.view.servers(operation);
  const judged = judgeServers(document, list);
  const usable = firstUsable(judged);
  const readable = judged.find((server) => 'written' in server && server.problem === undefined);
  const chosen = usable ?? readable ?? judged[0];
  if (chosen?.problem !== undefined) repairs.add('invalid-server', operation.pointer, chosen.problem);
  if (chosen === undefined || !('written' in chosen)) return {};
  const url = chosen.url === undefined ? {} : { url: chosen.url };
  if (list.isDefault || chosen.problem !== undefined) return url;
  const replaced = firstUsable(judgeServers(document, document.view.servers()))?.url;
  if (replaced === undefined) return { ...url, written: chosen.written };
  // A relative one of a document without an address has nothing to be relative to but the document's server.
  return { url: chosen.url ?? resolveAgainst(chosen.written, replaced) ?? replaced, written: chosen.written, replaced };
}

/** RFC 3986 §5.2, with the base as a folder, whether or not it ends in a slash; the base's query belongs to the base alone. */
function resolveAgainst(written: string, base: string): string | undefined {
  const folder = parseServerBase(base);
  return folder === undefined ? undefined : URL.parse(written, `${folder.origin}${folder.path}/`)?.href;
}

const firstUsable = (judged: readonly Judged[]) => judged.find((server): server is Judged & { readonly written: string; readonly url: string } => 'url' in server && server.url !== undefined);

/**
 * The base for requests when the document's default server is replaced by `override`: the override, or for an operation or path with
 * servers of its own that one, which is resolved against the override when it is relative, or names the document's server once more.
 * Undefined when that is no http(s) URL.
 */
export function serverBaseUnder(server: OperationServer, override: string): ServerBase | undefined {
  const base = parseServerBase(override);
  if (base === undefined || server.written === undefined) return base;
  const url = resolveAgainst(server.written, override);
  const ownBase = url === undefined ? undefined : parseServerBase(url);
  const replaced = server.replaced === undefined ? undefined : parseServerBase(server.replaced);
  return ownBase === undefined || replaced?.origin !== ownBase.origin ? ownBase : { ...ownBase, origin: base.origin, path: replacePath(ownBase.path, replaced.path, base.path) };
}

/** A path on the document's server as a path on the one that stands for it. */
function replacePath(path: string, from: string, to: string): string {
  return path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
}

/** The origins of a document's servers: the document's own, and those that apply to some path or operation. */
export function serverOrigins(document: ApiDocument): ReadonlySet<string> {
  const origins = new Set<string>();
  const addAll = (list: ServerList): void => {
    for (const server of judgeServers(document, list)) {
      const base = 'url' in server && server.url !== undefined ? parseServerBase(server.url) : undefined;
      if (base !== undefined) origins.add(base.origin);
    }
  };
  addAll(document.view.servers());
  for (const written of Object.values(ownObject(document.root, 'paths') ?? {})) {
    const target = document.definitions.references.follow(written);
    const pathItem = { ...(target.kind === 'found' && isObject(target.value) ? target.value : {}), ...(isObject(written) ? written : {}) };
    const members = [...Object.values(pathItem), ...Object.values(ownObject(pathItem, 'additionalOperations') ?? {})];
    for (const definition of members.filter(isObject)) addAll(document.view.servers({ pathItem, definition, pointer: '' }));
  }
  return origins;
}

/** Takes an absolute http(s) URL apart; undefined for anything else, and for one that carries credentials. */
export function parseServerBase(text: string): ServerBase | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') return undefined;
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, ''), query: url.search.slice(1) };
}

function judgeServers(document: ApiDocument, { servers }: ServerList): readonly Judged[] {
  const written = servers.filter(isObject);
  return (written.length === 0 ? [{ url: '/' }] : written).map((server) => judgeServer(document, server));
}

function judgeServer(document: ApiDocument, server: JsonObject): Judged {
  const filled = fillVariables(server, document.serverVariables);
  if ('problem' in filled) return filled;
  const { written } = filled;
  const base = document.url === undefined || !/^https?:/i.test(document.url) ? undefined : document.url;
  // `//host` without a document's address: https, never plain text.
  const url = URL.parse(base === undefined && written.startsWith('//') ? `https:${written}` : written, base);
  // A relative server of a document without an address is no fault of the document: whoever imports it names the base.
  if (url === null) return isRelative(written) ? { written } : { written, problem: notUsable('is not a URL') };
  if (url.username !== '' || url.password !== '') return { problem: notUsable('carries credentials') };
  if (parseServerBase(url.href) !== undefined) return { written, url: url.href };
  return { written, problem: notUsable(`${JSON.stringify(written.slice(0, 200))} is not an http or https URL`) };
}

const isRelative = (written: string): boolean => URL.parse(written, 'https://document.invalid/') !== null;
const notUsable = (why: string): string => `The server ${why}; a base URL must be configured.`;

function fillVariables(server: JsonObject, values: Readonly<Record<string, string>>): { readonly written: string } | { readonly problem: string } {
  const variables = ownObject(server, 'variables') ?? {};
  let missing: string | undefined;
  const written = (ownString(server, 'url') ?? '/').trim().replace(/\{([^{}]+)\}/g, (_expression, name: string) => {
    const value = valueOf(own(variables, name), Object.hasOwn(values, name) ? values[name] : undefined);
    missing ??= value === undefined ? name : undefined;
    return value ?? '';
  });
  if (missing === undefined) return { written };
  return { problem: notUsable(`variable ${JSON.stringify(missing.slice(0, 80))} has no value that its enum admits`) };
}

/** The administrator's value, else the default; neither when it is outside the variable's enum. */
function valueOf(variable: JsonValue | undefined, chosen: string | undefined): string | undefined {
  const written = isObject(variable) ? own(variable, 'default') : undefined;
  const text = chosen ?? (typeof written === 'number' ? String(written) : written);
  const allowed = isObject(variable) ? own(variable, 'enum') : undefined;
  const isAllowed = !isArray(allowed) || allowed.length === 0 || allowed.some((item) => String(item) === text);
  return typeof text === 'string' && isAllowed ? text : undefined;
}

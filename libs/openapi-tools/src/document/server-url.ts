import { isArray, isObject, own, ownObject, ownString, type JsonObject } from '../json.js';
import type { ApiDocument } from './load-document.js';
import type { Operation } from '../operation/operation.js';
import type { RepairList } from '../repair.js';

/** A server URL taken apart once, so that requests are built by joining text. */
export interface ServerBase {
  readonly origin: string;
  /** Starts with `/` or is empty; no trailing slash. */
  readonly path: string;
  /** Query of the server URL without `?`; usually empty. */
  readonly query: string;
}

/**
 * The base URL that the document gives an operation: the first server of the operation, else of its path, else of the
 * document; variables by their defaults; relative ones against the document's own URL (OAS 3.1 §4.8.5). Undefined when
 * that is no http(s) URL.
 */
export function resolveServerUrl(document: ApiDocument, operation: Operation, repairs: RepairList): string | undefined {
  const first = document.view.servers(operation).find(isObject);
  const written = first === undefined ? '/' : substituteVariables(first);
  if (written === undefined) {
    repairs.add('invalid-server', operation.pointer, 'A server variable has no default or one outside its enum; a base URL must be configured.');
    return undefined;
  }
  const base = document.url === undefined || !/^https?:/i.test(document.url) ? undefined : document.url;
  const url = URL.parse(written, base);
  if (url !== null && parseServerBase(url.href) !== undefined) return url.href;
  // A relative server of a document without an address is no fault of the document: whoever imports it names the base.
  if (url !== null) {
    repairs.add('invalid-server', operation.pointer, `The server ${JSON.stringify(written.slice(0, 200))} is not an http or https URL; a base URL must be configured.`);
  }
  return undefined;
}

function substituteVariables(server: JsonObject): string | undefined {
  const variables = ownObject(server, 'variables') ?? {};
  let isComplete = true;
  const url = (ownString(server, 'url') ?? '/').replace(/\{([^{}]+)\}/g, (_expression, name: string) => {
    const variable = own(variables, name);
    const value = isObject(variable) ? own(variable, 'default') : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    const allowed = isObject(variable) ? own(variable, 'enum') : undefined;
    const isAllowed = !isArray(allowed) || allowed.length === 0 || allowed.some((item) => String(item) === text);
    if (typeof text === 'string' && isAllowed) return text;
    isComplete = false;
    return '';
  });
  return isComplete ? url : undefined;
}

/** Takes an absolute http(s) URL apart; undefined for anything else, and for one that carries credentials. */
export function parseServerBase(text: string): ServerBase | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') return undefined;
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, ''), query: url.search.slice(1) };
}

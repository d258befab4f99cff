import { isObject, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import { requiredScopes } from './operation-security.js';
import type { Operation, ToolAnnotations } from './operation.js';
import { pathProblem } from './path-template.js';
import { escapeToken } from '../document/reference.js';
import type { Repair } from '../repair.js';
import { bodyProblem } from './request-body.js';
import { nameOperations } from './tool-name.js';

export interface IndexOptions {
  /** Longest tool name; default 44 (64 less a client's or server's prefix of up to 20). */
  readonly maxNameLength?: number;
}

/** What became of one operation. `ok` of an index means "listed": repairs are known once it is compiled. */
export interface OperationReport {
  readonly key: string;
  readonly name?: string;
  readonly status: 'ok' | 'degraded' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  readonly repairs: readonly Repair[];
}

export interface OperationIndex {
  readonly operations: readonly Operation[];
  readonly report: readonly OperationReport[];
}

type Found = Omit<Operation, 'name'>;

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const maxDescription = 2_048;

/**
 * Lists a document's operations in the document's order, without reading their schemas. An operation that cannot become
 * a tool is skipped with a reason; the others are not affected. Never throws for what a document contains.
 */
export function indexOperations(document: ApiDocument, options: IndexOptions = {}): OperationIndex {
  const found: Found[] = [];
  const skipped: OperationReport[] = [];
  const skip = (key: string, reason: string): void => {
    skipped.push({ key, status: 'skipped', reason, repairs: [] });
  };
  for (const [path, written] of Object.entries(ownObject(document.root, 'paths') ?? {})) {
    if (path.startsWith('x-')) continue;
    const pathItem = readPathItem(document, written);
    if (typeof pathItem === 'string') skip(path, pathItem);
    else findInPath(document, path, pathItem, found, skip);
  }
  const names = nameOperations(found, Math.min(Math.max(options.maxNameLength ?? 44, 8), 64));
  const operations = found.map((operation): Operation => ({ ...operation, name: names.get(operation) ?? '' }));
  const listed = operations.map(({ key, name }): OperationReport => ({ key, name, status: 'ok', repairs: [] }));
  return { operations, report: [...listed, ...skipped] };
}

/** A path item, its `$ref` followed (members beside the `$ref` win), or the reason why it has none. */
function readPathItem(document: ApiDocument, written: JsonValue): JsonObject | string {
  if (!isObject(written)) return 'The path item is not an object.';
  if (ownString(written, '$ref') === undefined) return written;
  const target = document.definitions.references.follow(written);
  if (target.kind === 'external') return 'The path item is a reference outside the document, which is not fetched.';
  if (target.kind === 'dangling') return 'The path item is a reference that names nothing in the document.';
  return isObject(target.value) ? { ...target.value, ...written } : 'The path item is not an object.';
}

function findInPath(
  document: ApiDocument,
  path: string,
  pathItem: JsonObject,
  found: Found[],
  skip: (key: string, reason: string) => void,
): void {
  const entries: [method: string, definition: JsonValue, pointer: string][] = [];
  const pointer = `/paths/${escapeToken(path)}`;
  for (const [member, value] of Object.entries(pathItem)) {
    if (methods.includes(member)) entries.push([member.toUpperCase(), value, `${pointer}/${member}`]);
    if (member !== 'additionalOperations' || !isObject(value)) continue;
    for (const [method, definition] of Object.entries(value)) {
      entries.push([method, definition, `${pointer}/additionalOperations/${escapeToken(method)}`]);
    }
  }
  for (const [method, definition, place] of entries) {
    const key = `${method} ${path}`;
    const problem = methodProblem(method) ?? pathProblem(path);
    if (problem !== undefined) skip(key, problem);
    else if (!isObject(definition)) skip(key, 'The operation is not an object.');
    else {
      const bodyReason = bodyProblem(document, { pathItem, definition, pointer: place });
      if (bodyReason === undefined) found.push(readOperation(document, method, path, place, pathItem, definition));
      else skip(key, bodyReason);
    }
  }
}

function methodProblem(method: string): string | undefined {
  if (!/^[A-Z][A-Z-]{0,31}$/.test(method)) return 'The method is not an HTTP method name in upper case.';
  return method === 'TRACE' || method === 'CONNECT' ? `${method} requests are not made.` : undefined;
}

function readOperation(
  document: ApiDocument,
  method: string,
  path: string,
  pointer: string,
  pathItem: JsonObject,
  definition: JsonObject,
): Found {
  const operationId = ownString(definition, 'operationId');
  const summary = ownString(definition, 'summary')?.trim() || ownString(pathItem, 'summary')?.trim() || '';
  const title = summary === '' ? (operationId ?? `${method} ${path}`) : cut(summary, 200);
  return {
    ...(operationId === undefined ? {} : { operationId }),
    key: `${method} ${path}`,
    method,
    path,
    title,
    description: describe(summary, ownString(definition, 'description') ?? ownString(pathItem, 'description') ?? '') || title,
    tags: ownArray(definition, 'tags').filter((tag) => typeof tag === 'string'),
    deprecated: own(definition, 'deprecated') === true,
    annotations: annotate(method),
    security: requiredScopes(document, definition),
    pointer,
    pathItem,
    definition,
  };
}

function describe(summary: string, description: string): string {
  const text = description.trim();
  const whole = summary === '' || text.startsWith(summary) ? text : text === '' ? summary : `${summary}\n\n${text}`;
  return cut(whole, maxDescription);
}

/** At most `limit` UTF-16 units, never half a surrogate pair. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** openapi.md decision 15. */
function annotate(method: string): ToolAnnotations {
  const reads = ['GET', 'HEAD', 'OPTIONS', 'QUERY'].includes(method);
  return {
    readOnlyHint: reads,
    destructiveHint: !reads,
    idempotentHint: reads || method === 'PUT' || method === 'DELETE',
    openWorldHint: true,
  };
}

import { isObject, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import { escapeToken } from '../document/reference.js';
import type { Repair } from '../repair.js';
import { noOverride } from './document-override.js';
import { filterReason, type OperationFilter } from './operation-filter.js';
import type { OperationOverride } from './operation-override.js';
import type { Operation } from './operation.js';
import { pathProblem } from './path-template.js';
import { readOperation, type UnnamedOperation } from './read-operation.js';
import { bodyProblem } from './request-body.js';
import { nameOperations } from './tool-name.js';

export interface IndexOptions {
  /** Longest tool name; default 44 (64 less a client's or server's prefix of up to 20). */
  readonly maxNameLength?: number;
  readonly filter?: OperationFilter;
  /** The owner's curation by operationId or by `GET /path`; the latter wins where both name an operation. */
  readonly overrides?: Readonly<Record<string, OperationOverride>>;
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
  /** What there is to say of the options: overrides that name no operation. */
  readonly notes: readonly Repair[];
}

/** What is gathered while the paths are read. */
interface Gathering {
  readonly document: ApiDocument;
  readonly filter: OperationFilter;
  readonly overrides: Readonly<Record<string, OperationOverride>>;
  readonly hasOverrides: boolean;
  readonly found: UnnamedOperation[];
  readonly usedOverrides: Set<string>;
  skip(key: string, reason: string): void;
}

const methods: ReadonlyMap<string, string> = new Map(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'].map((member) => [member, member.toUpperCase()]));

/**
 * Lists a document's operations in the document's order, without reading their schemas. An operation that cannot become
 * a tool, or that the filter, an override or `x-mcp` leaves out, is skipped with a reason; the others are not affected. Never
 * throws for what a document contains.
 */
export function indexOperations(document: ApiDocument, options: IndexOptions = {}): OperationIndex {
  const skipped: OperationReport[] = [];
  const gathering: Gathering = {
    document,
    filter: options.filter ?? {},
    overrides: options.overrides ?? {},
    hasOverrides: options.overrides !== undefined,
    found: [],
    usedOverrides: new Set(),
    skip: (key, reason) => skipped.push({ key, status: 'skipped', reason, repairs: [] }),
  };
  for (const [path, written] of Object.entries(ownObject(document.root, 'paths') ?? {})) {
    if (path.startsWith('x-')) continue;
    const pathItem = readPathItem(document, written);
    if (typeof pathItem === 'string') gathering.skip(path, pathItem);
    else findInPath(gathering, path, pathItem);
  }
  const { found } = gathering;
  const names = nameOperations(found, Math.min(Math.max(options.maxNameLength ?? 44, 8), 64));
  for (const [index, operation] of found.entries()) operation.name = names[index] ?? '';
  const listed = found.map(({ key, name }): OperationReport => ({ key, name, status: 'ok', repairs: [] }));
  return { operations: found, report: [...listed, ...skipped], notes: unusedOverrides(gathering) };
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

function findInPath(gathering: Gathering, path: string, pathItem: JsonObject): void {
  const pointer = `/paths/${escapeToken(path)}`;
  const problemOfPath = pathProblem(path);
  const seen: string[] = [];
  const find = (method: string, definition: JsonValue | undefined, place: string): void => {
    const key = `${method} ${path}`;
    const problem = methodProblem(method) ?? problemOfPath;
    if (problem !== undefined) gathering.skip(key, problem);
    else if (!isObject(definition)) gathering.skip(key, 'The operation is not an object.');
    else if (seen.includes(method)) gathering.skip(key, 'The path has this method twice.');
    else addOperation(gathering, key, { method, path, pointer: place, pathItem, definition });
    seen.push(method);
  };
  for (const member of Object.keys(pathItem)) {
    const value = pathItem[member];
    const method = methods.get(member);
    if (method !== undefined) find(method, value, `${pointer}/${member}`);
    if (member !== 'additionalOperations' || !isObject(value)) continue;
    for (const [further, definition] of Object.entries(value)) find(further, definition, `${pointer}/additionalOperations/${escapeToken(further)}`);
  }
}

function addOperation(gathering: Gathering, key: string, place: Parameters<typeof readOperation>[1]): void {
  const { document, filter } = gathering;
  const operation = readOperation(document, place, ownerOverride(gathering, key, ownString(place.definition, 'operationId')));
  const reason = filterReason(operation, filter) ?? (operation.override?.enabled === false ? 'Switched off by an override or by "x-mcp".' : bodyProblem(document, place));
  if (reason === undefined) gathering.found.push(operation);
  else gathering.skip(key, reason);
}

function ownerOverride({ overrides, hasOverrides, usedOverrides }: Gathering, key: string, operationId: string | undefined): OperationOverride {
  if (!hasOverrides) return noOverride;
  const names = [operationId, key].filter((name) => name !== undefined && Object.hasOwn(overrides, name)).map(String);
  for (const name of names) usedOverrides.add(name);
  return Object.assign({}, ...names.map((name) => overrides[name]));
}

function unusedOverrides({ overrides, usedOverrides }: Gathering): readonly Repair[] {
  return Object.keys(overrides)
    .filter((name) => !usedOverrides.has(name))
    .map((name) => ({ code: 'unknown-override', at: '', message: `The override ${JSON.stringify(name.slice(0, 200))} names no operation of the document.` }));
}

function methodProblem(method: string): string | undefined {
  if (!/^[A-Z][A-Z-]{0,31}$/.test(method)) return 'The method is not an HTTP method name in upper case.';
  return method === 'TRACE' || method === 'CONNECT' ? `${method} requests are not made.` : undefined;
}

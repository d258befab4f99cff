import { isArray, isObject, own, ownArray, ownObject, type JsonValue } from '../json.js';
import { shortHash } from '../short-hash.js';
import type { BindingTable } from '../tool/binding-table.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { SchemaDiff, type SchemaChanges } from './diff-schemas.js';
import { suspicionOf } from './suspicious-text.js';

/**
 * `removed` and `breaking`: calls that worked may fail or do something else. `changed`: they work as before. `description`: what a
 * model reads changed. `suspicious`: what a model reads has something new that a person does not see or takes for something else.
 */
export type ChangeKind = 'added' | 'removed' | 'breaking' | 'changed' | 'description' | 'suspicious';

export interface OperationChange {
  /** `GET /orders/{id}`. */
  readonly operation: string;
  /** The tool's name, the new one where there are two. */
  readonly tool: string;
  readonly kind: ChangeKind;
  /** A sentence for each change. */
  readonly details: readonly string[];
}

type Side = ReadonlyMap<string, CompiledOperation>;
const kinds = ['breaking', 'changed', 'description', 'suspicious'] as const;
type Details = Record<(typeof kinds)[number], string[]>;

/**
 * What a new revision of a document changes for callers and models, operation by operation (matched by method and path): the removed
 * ones first, then the new revision's in their order, at most one entry for each kind. Looks at compiled tools, so what has no
 * effect on a tool is no change.
 */
export function diffOperations(before: readonly CompiledOperation[], after: readonly CompiledOperation[]): readonly OperationChange[] {
  const old = new Map(before.map((compiled) => [compiled.operation.key, compiled]));
  const kept = new Set(after.map(({ operation }) => operation.key));
  const owners = new Map(before.map(({ tool, operation }) => [tool.name.toLowerCase(), operation.key]));
  const removed = before.filter(({ operation }) => !kept.has(operation.key)).map(({ operation, tool }) => entry(operation.key, tool.name, 'removed', ['The operation is gone.']));
  return [...removed, ...after.flatMap((compiled) => compareWithOld(compiled, old, owners))];
}

function compareWithOld(compiled: CompiledOperation, old: Side, owners: ReadonlyMap<string, string>): readonly OperationChange[] {
  const { operation, tool } = compiled;
  const known = old.get(operation.key);
  const details: Details = { breaking: [], changed: [], description: [], suspicious: [] };
  const owner = owners.get(tool.name.toLowerCase());
  if (owner !== undefined && owner !== operation.key) details.breaking.push(`The tool name ${tool.name} called ${owner} before.`);
  if (known !== undefined) compareOperation(known, compiled, details);
  compareSuspicions(known, compiled, details.suspicious);
  const changes = kinds.filter((kind) => details[kind].length > 0).map((kind) => entry(operation.key, tool.name, kind, details[kind]));
  return known === undefined ? [entry(operation.key, tool.name, 'added', ['The operation is new.']), ...changes] : changes;
}

const entry = (operation: string, tool: string, kind: ChangeKind, details: readonly string[]): OperationChange => ({ operation, tool, kind, details: [...new Set(details)] });

function compareOperation(before: CompiledOperation, after: CompiledOperation, details: Details): void {
  const { breaking, description } = details;
  if (before.tool.name !== after.tool.name) breaking.push(`The tool was called ${before.tool.name}.`);
  if (before.tool.title !== after.tool.title) description.push('The title changed.');
  if (before.tool.description !== after.tool.description) description.push('The description changed.');
  for (const [hint, value] of Object.entries(after.tool.annotations)) {
    const was = Object.entries(before.tool.annotations).find(([name]) => name === hint)?.[1];
    if (was !== value) description.push(`The annotation ${hint} was ${String(was)}, now it is ${String(value)}.`);
  }
  if (before.serverUrl !== after.serverUrl) breaking.push(`The server was ${before.serverUrl ?? 'not said'}, now it is ${after.serverUrl ?? 'not said'}.`);
  if (before.bodyMediaType !== after.bodyMediaType && before.bodyMediaType !== undefined && after.bodyMediaType !== undefined) {
    breaking.push(`The body was sent as ${before.bodyMediaType}, now it is ${after.bodyMediaType}.`);
  }
  const [was, is] = [before.operation, after.operation];
  if (JSON.stringify(was.security) !== JSON.stringify(is.security)) breaking.push(`The required scopes were ${describeScopes(was.security)}, now they are ${describeScopes(is.security)}.`);
  if (JSON.stringify(was.credentials) !== JSON.stringify(is.credentials)) breaking.push('The credentials that the upstream asks for changed.');
  compareArguments(before, after, details);
  compareOwnValues(fixedOf, 'The fixed value of', before, after, details);
  compareOwnValues(fallbacksOf, 'What is sent without', before, after, details);
  compareOutputs(before, after, details);
}

const describeScopes = (security: readonly (readonly string[])[]): string => (security.length === 0 ? 'none' : security.map((scopes) => scopes.join(' ')).join(' or '));

function compareArguments(before: CompiledOperation, after: CompiledOperation, { breaking, changed, description }: Details): void {
  const [a, b] = [before.tool.inputSchema, after.tool.inputSchema];
  const [wasAt, isAt] = [placesOf(before.binding), placesOf(after.binding)];
  for (const [key, place] of wasAt) {
    const now = isAt.get(key);
    if (now !== undefined && now !== place) breaking.push(`The argument ${key} was sent as ${place}, now as ${now}.`);
  }
  // Converted schemas come out alike for alike documents, so most operations are done here.
  if (JSON.stringify(a) === JSON.stringify(b)) return;
  const [was, is] = [ownObject(a, 'properties') ?? {}, ownObject(b, 'properties') ?? {}];
  const [wasRequired, isRequired] = [new Set(ownArray(a, 'required')), new Set(ownArray(b, 'required'))];
  const found: SchemaChanges = { narrowed: breaking, changed, texts: description };
  const schemas = new SchemaDiff(ownObject(a, '$defs') ?? {}, ownObject(b, '$defs') ?? {}, found);
  for (const key of Object.keys(was)) {
    const now = own(is, key);
    if (now === undefined) breaking.push(`The argument ${key} is gone.`);
    else {
      schemas.compare(own(was, key) ?? true, now, `The argument ${key}`);
      if (wasRequired.has(key) !== isRequired.has(key)) (isRequired.has(key) ? breaking : changed).push(`The argument ${key} is ${isRequired.has(key) ? 'required now' : 'not required any more'}.`);
    }
  }
  for (const key of Object.keys(is)) {
    if (!Object.hasOwn(was, key)) (isRequired.has(key) ? breaking : changed).push(`The argument ${key} is new${isRequired.has(key) ? ' and required' : ''}.`);
  }
  const [wasOpen, isOpen] = [own(a, 'additionalProperties') ?? true, own(b, 'additionalProperties') ?? true];
  if (wasOpen !== false && isOpen === false) breaking.push('Further arguments are refused now.');
  else if (wasOpen === false && isOpen !== false) changed.push('Further arguments are taken now.');
  else if (isObject(wasOpen) && isObject(isOpen)) schemas.compare(wasOpen, isOpen, 'Further arguments');
}

/** Where each argument goes on the wire. */
function placesOf({ parameters, body }: BindingTable): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { key, location, name, style, explode } of parameters) places.set(key, `${location} ${name} (${style}${explode ? ', exploded' : ''})`);
  if (body?.kind === 'whole') places.set(body.key, 'the whole body');
  if (body?.kind === 'properties') for (const { key, name } of body.properties) places.set(key, `${name} of the body`);
  return places;
}

/** Hidden arguments are nobody's choice at a call, so what they send is part of what was approved; so is what is sent for one that was left out. */
function compareOwnValues(valuesOf: (binding: BindingTable) => ReadonlyMap<string, string>, label: string, before: CompiledOperation, after: CompiledOperation, { breaking }: Details): void {
  const [was, is] = [valuesOf(before.binding), valuesOf(after.binding)];
  for (const place of new Set([...was.keys(), ...is.keys()])) {
    if (was.get(place) !== is.get(place)) breaking.push(`${label} ${place} was ${was.get(place) ?? 'none'}, now it is ${is.get(place) ?? 'none'}.`);
  }
}

function fixedOf({ parameters, body }: BindingTable): ReadonlyMap<string, string> {
  const fixed = new Map<string, string>();
  for (const { location, name, fixed: value } of parameters) if (value !== undefined) fixed.set(`${location} ${name}`, shortText(value));
  if (body?.kind === 'whole' && body.fixed !== undefined) fixed.set('the whole body', shortText(body.fixed));
  if (body?.kind === 'properties') for (const [name, value] of body.fixed) fixed.set(`${name} of the body`, shortText(value));
  return fixed;
}

function fallbacksOf({ parameters, body }: BindingTable): ReadonlyMap<string, string> {
  const fallbacks = new Map<string, string>();
  for (const { location, name, fallback } of parameters) if (fallback !== undefined) fallbacks.set(`${location} ${name}`, shortText(fallback));
  if (body?.kind === 'whole' && body.fallback !== undefined) fallbacks.set('the whole body', shortText(body.fallback));
  if (body?.kind === 'properties') for (const { name, fallback = null } of body.fallbacks) fallbacks.set(`${name} of the body`, shortText(fallback));
  if (body?.contentType?.fallback !== undefined) fallbacks.set('the content type', shortText(body.contentType.fallback));
  return fallbacks;
}

const shortText = (value: JsonValue): string => {
  const text = JSON.stringify(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}… (${shortHash([text])})`;
};

/** A result that says more or less does not break a call; that its schema changed is told. */
function compareOutputs(before: CompiledOperation, after: CompiledOperation, { changed }: Details): void {
  const [was, is] = [before.tool.outputSchema, after.tool.outputSchema];
  if (was !== is && JSON.stringify(was) !== JSON.stringify(is)) changed.push('The schema of the result changed.');
  if (JSON.stringify(before.operation.override?.response) !== JSON.stringify(after.operation.override?.response)) changed.push('How the result is shaped changed.');
}

function compareSuspicions(before: CompiledOperation | undefined, after: CompiledOperation, suspicious: string[]): void {
  const wasStripped = before !== undefined && hasStripped(before);
  if (!wasStripped && hasStripped(after)) suspicious.push('Characters that nobody sees were removed from its texts.');
  const suspects = suspectTexts(after);
  if (suspects.size === 0) return;
  const known = new Set(before === undefined ? [] : suspectTexts(before).keys());
  for (const [text, why] of suspects) if (!known.has(text)) suspicious.push(`${JSON.stringify(text.slice(0, 80))} ${why}.`);
}

const hasStripped = ({ repairs }: CompiledOperation): boolean => repairs.some(({ code }) => code === 'invisible-characters');

/** All texts of a tool that a model reads and that are not what they look like, each with the reason. */
function suspectTexts({ tool }: CompiledOperation): ReadonlyMap<string, string> {
  const suspects = new Map<string, string>();
  const note = (text: string): void => {
    const why = suspicionOf(text);
    if (why !== undefined) suspects.set(text, why);
  };
  for (const text of [tool.name, tool.title, tool.description]) note(text);
  // Most tools are plain ASCII through and through.
  if (/^[\x20-\x7e]*$/.test(JSON.stringify(tool.inputSchema))) return suspects;
  const pending: JsonValue[] = [tool.inputSchema];
  for (const node of pending) {
    if (typeof node === 'string') note(node);
    else if (isArray(node)) pending.push(...node);
    else if (isObject(node)) for (const [key, child] of Object.entries(node)) pending.push(key, child);
  }
  return suspects;
}

import { canonicalText, suspicionOf, type ChangeKind, type JsonObject, type JsonValue, type OperationChange } from '@gatehouse-mcp/openapi-tools';
import type { Comparison } from '../comparison.js';
import { mustWait } from '../approval.js';
import type { ServerSettings } from '../../config/server.schema.js';
import { isRecord } from './expected-answer.js';
import { uriOf, type ServerDefinitions } from './server.definitions.js';

/** One definition, and how a change of it is named. */
interface Named {
  /** `tools/search`. */
  readonly operation: string;
  readonly tool: string;
  readonly members: JsonObject;
}

const kinds = ['breaking', 'changed', 'description', 'suspicious'] as const;
type Details = Record<(typeof kinds)[number], string[]>;

/** Members whose change only a reader notices; every other one changes what a call does or brings. */
const READ: ReadonlySet<string> = new Set(['title', 'description', 'annotations', 'name', 'mimeType']);

/**
 * What a server's new definitions change, one by one, and whether that waits: as for a new revision of an OpenAPI document (ADR 4).
 * @param others names of the tenant's tools that are not the server's
 */
export function compareDefinitions({ name, approval }: Pick<ServerSettings, 'name' | 'approval'>, before: ServerDefinitions | undefined, after: ServerDefinitions, others: ReadonlySet<string>): Comparison {
  if (before === undefined) return { report: [], changes: [], mustWait: false };
  const [was, is] = [nameAll(name, before), nameAll(name, after)];
  const removed = [...was.values()].filter(({ operation }) => !is.has(operation)).map(({ operation, tool }) => entry(operation, tool, 'removed', ['It is gone.']));
  const known = new Set([...others, ...[...was.values()].map(({ tool }) => tool)].map(fold));
  const changes = [...removed, ...[...is.values()].flatMap((one) => compare(was.get(one.operation), one, known))];
  return { report: [], changes, mustWait: mustWait(approval, changes) };
}

function nameAll(server: string, { tools, resources, resourceTemplates, prompts }: ServerDefinitions): ReadonlyMap<string, Named> {
  // Parsed JSON, whose optional members are there or not.
  const all = [
    ...tools.map((one) => ({ operation: `tools/${one.name}`, tool: `${server}_${one.name}`, members: one as unknown as JsonObject })),
    ...[...resources, ...resourceTemplates].map((one) => ({ operation: `resources/${uriOf(one)}`, tool: uriOf(one), members: one as unknown as JsonObject })),
    ...prompts.map((one) => ({ operation: `prompts/${one.name}`, tool: `${server}_${one.name}`, members: one as unknown as JsonObject })),
  ];
  return new Map(all.map((one) => [one.operation, one]));
}

function compare(before: Named | undefined, after: Named, known: ReadonlySet<string>): readonly OperationChange[] {
  const { operation, tool, members } = after;
  const details: Details = { breaking: [], changed: [], description: [], suspicious: [] };
  if (before === undefined) {
    if (known.has(fold(tool)) || known.has(fold(operation.slice(operation.indexOf('/') + 1)))) details.suspicious.push('Its name is that of another, or differs from it in nothing that is easily seen.');
  } else {
    for (const member of new Set([...Object.keys(before.members), ...Object.keys(members)])) compareMember(member, before.members[member], members[member], details);
  }
  const seen = new Set(before === undefined ? [] : suspectTexts(before.members).keys());
  for (const [text, why] of suspectTexts(members)) if (!seen.has(text)) details.suspicious.push(`${JSON.stringify(text.slice(0, 80))} ${why}.`);
  const changes = kinds.filter((kind) => details[kind].length > 0).map((kind) => entry(operation, tool, kind, details[kind]));
  return before === undefined ? [entry(operation, tool, 'added', ['It is new.']), ...changes] : changes;
}

function compareMember(member: string, was: JsonValue | undefined, is: JsonValue | undefined, { breaking, changed, description }: Details): void {
  if (textOf(was) === textOf(is)) return;
  if (member === 'outputSchema') changed.push('The schema of the result changed.');
  else if (member === 'inputSchema') breaking.push(...describeArguments(was, is));
  else (READ.has(member) ? description : breaking).push(`The ${member} changed.`);
}

function describeArguments(was: JsonValue | undefined, is: JsonValue | undefined): readonly string[] {
  const [before, after] = [propertiesOf(was), propertiesOf(is)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => textOf(before[name]) !== textOf(after[name]));
  if (names.length === 0) return ['The schema of the arguments changed.'];
  return names.map((name) => `The argument ${name} ${Object.hasOwn(before, name) ? (Object.hasOwn(after, name) ? 'changed' : 'is gone') : 'is new'}.`);
}

function propertiesOf(schema: JsonValue | undefined): JsonObject {
  const properties = isRecord(schema) ? schema['properties'] : undefined;
  return isRecord(properties) ? properties : {};
}

/** All texts of a definition, names of members included, that are not what they look like. */
function suspectTexts(definition: JsonValue): ReadonlyMap<string, string> {
  const suspects = new Map<string, string>();
  const pending: JsonValue[] = [definition];
  for (const node of pending) {
    if (typeof node === 'string') {
      const why = suspicionOf(node);
      if (why !== undefined) suspects.set(node, why);
    } else if (typeof node === 'object' && node !== null) {
      for (const [key, member] of Object.entries(node)) pending.push(key, member);
    }
  }
  return suspects;
}

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
const textOf = (value: JsonValue | undefined): string | undefined => (value === undefined ? undefined : canonicalText(value));
const entry = (operation: string, tool: string, kind: ChangeKind, details: readonly string[]): OperationChange => ({ operation, tool, kind, details: [...new Set(details)] });

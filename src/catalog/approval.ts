import { clientProfiles, compileOperation, diffOperations, diffPrompts, type CompiledOperation, type OperationChange } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import type { ApiImport } from './catalog.js';
import { compileOptions, type OpenapiEntry } from './entry.js';

/** Kinds of change that wait for an operator under each setting of `approval` (ADR 4). */
const waiting: Readonly<Record<ApiSettings['approval'], ReadonlySet<OperationChange['kind']>>> = {
  auto: new Set(['suspicious']),
  breaking: new Set(['suspicious', 'removed', 'breaking', 'changed', 'description']),
  all: new Set(['suspicious', 'removed', 'breaking', 'changed', 'description', 'added']),
};

/** What a new document changes, and whether that has to wait. */
export interface Judgement {
  readonly changes: readonly OperationChange[];
  readonly mustWait: boolean;
}

type Compared = Pick<ApiImport, 'entries' | 'prompts'>;

/** Compares an API's tools and prompts as they are with those that a new document would make, both under the settings of now. */
export function judgeChanges(approval: ApiSettings['approval'], before: Compared, after: Compared): Judgement {
  const changes = [...diffOperations(before.entries.map(compileWhole), after.entries.map(compileWhole)), ...diffPrompts(before.prompts, after.prompts)];
  return { changes, mustWait: mustWait(approval, changes) };
}

/** Whether a set of changes waits for an operator. */
export const mustWait = (approval: ApiSettings['approval'], changes: readonly OperationChange[]): boolean => changes.some(({ kind }) => waiting[approval].has(kind));

/** Under the profile that leaves nothing out: what a list cuts off may change as well. */
function compileWhole({ api, operation }: OpenapiEntry): CompiledOperation {
  return compileOperation(api.document, operation, { ...compileOptions(api.settings), profile: clientProfiles.full });
}

/** `3 breaking, 1 added` */
export function countChanges(changes: readonly OperationChange[]): string {
  const kinds = [...new Set(changes.map(({ kind }) => kind))];
  return kinds.map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`).join(', ');
}

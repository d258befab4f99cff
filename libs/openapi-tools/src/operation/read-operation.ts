import { own, ownArray, ownString, type JsonObject } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import { RepairList } from '../repair.js';
import { stripInvisible } from '../schema/plain-text.js';
import { combineOverrides, readDocumentOverride } from './document-override.js';
import type { OperationOverride } from './operation-override.js';
import { readCredentials, requiredScopes } from './operation-security.js';
import type { Operation, ToolAnnotations } from './operation.js';

const maxDescription = 2_048;
const maxExamples = 1_024;

/** An operation that is still to be named: its name depends on those of the others. */
export type UnnamedOperation = { -readonly [Field in keyof Operation]: Operation[Field] };

/** Where an operation stands. */
export interface OperationPlace {
  readonly method: string;
  readonly path: string;
  readonly pointer: string;
  readonly pathItem: JsonObject;
  readonly definition: JsonObject;
}

/** An operation's own fields with its curation applied: the owner's over the document's `x-mcp` over the document. */
export function readOperation(document: ApiDocument, place: OperationPlace, owner: OperationOverride): UnnamedOperation {
  const { method, path, pointer, pathItem, definition } = place;
  const repairs = new RepairList();
  const said = readDocumentOverride(document.root, pathItem, definition);
  for (const [index, problem] of said.problems.entries()) {
    repairs.add('invalid-override', `${pointer}/x-mcp${index === 0 ? '' : `#${index}`}`, `"x-mcp" is wrong here and was not followed: ${problem}`);
  }
  const override = combineOverrides([owner, said.override]);
  const operationId = ownString(definition, 'operationId');
  const key = `${method} ${path}`;
  const { title, description } = readTexts(place, override, repairs);
  // Members that may be missing come afterwards: spreading them in costs more than all the rest.
  const read: UnnamedOperation = {
    name: '',
    key,
    method,
    path,
    title: title === '' ? key : title,
    description: (description || title || key) + exampleText(override),
    tags: ownArray(definition, 'tags').filter((tag) => typeof tag === 'string'),
    deprecated: own(definition, 'deprecated') === true,
    annotations: { ...annotate(method), ...override.annotations },
    security: override.scopes === undefined ? requiredScopes(document, definition) : override.scopes.length === 0 ? [] : [override.scopes],
    credentials: readCredentials(document, definition),
    notes: repairs.toArray(),
    pointer,
    pathItem,
    definition,
  };
  if (operationId !== undefined) read.operationId = operationId;
  if (Object.keys(override).length > 0) read.override = override;
  return read;
}

function readTexts({ pathItem, definition, pointer }: OperationPlace, override: OperationOverride, repairs: RepairList): { title: string; description: string } {
  const plain = (text: string | undefined, field: string): string => {
    if (text === undefined) return '';
    const { text: visible, isChanged } = stripInvisible(text);
    if (isChanged) repairs.add('invisible-characters', `${pointer}/${field}`, `Characters that nobody sees were removed from the ${field}.`);
    return visible.trim();
  };
  const summary = plain(ownString(definition, 'summary'), 'summary') || plain(ownString(pathItem, 'summary'), 'summary');
  const title = plain(override.title, 'title') || cut(summary, 200) || plain(ownString(definition, 'operationId'), 'operationId');
  const curated = plain(override.description, 'description');
  if (curated !== '') return { title, description: cut(curated, maxDescription) };
  const written = plain(ownString(definition, 'description') ?? ownString(pathItem, 'description'), 'description');
  return { title, description: cut(joinTexts(summary, written), maxDescription) };
}

function joinTexts(summary: string, description: string): string {
  if (summary === '' || description.startsWith(summary)) return description;
  return description === '' ? summary : `${summary}\n\n${description}`;
}

/** Examples of arguments as one line each, as many as fit; a cut one would be no JSON. */
function exampleText({ examples = [] }: OperationOverride): string {
  let text = '';
  for (const example of examples) {
    const line = `\n${stripInvisible(JSON.stringify(example)).text}`;
    if (text.length + line.length <= maxExamples) text += line;
  }
  return text === '' ? '' : `\n\nExample arguments:${text}`;
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

import { excerptOf, isArray, isObject, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { Repair } from '../repair.js';
import { DocumentError } from './document.error.js';
import { decodeDocument, parseDocument } from './document-text.js';
import { compileTarget, type Target } from './overlay-target.js';
import { mergeUpdate, TreeDraft } from './overlay-merge.js';
import { pointerTokens } from './reference.js';
import { checkSharing } from './yaml-text.js';

/** One Action Object, read and checked; what it does is exactly one of the three, or nothing. */
interface Action {
  readonly index: number;
  readonly target: Target;
  readonly targetText: string;
  readonly remove: boolean;
  readonly update?: JsonValue;
  readonly copy?: Target;
}

interface Overlay {
  /** Overlay 1.0 leaves a merge of unlike values open and cannot update primitive values. */
  readonly isVersion10: boolean;
  readonly actions: readonly Action[];
}

const maxOverlayBytes = 8 * 1024 * 1024;
const maxActions = 10_000;
/** Places that all actions of an overlay may change together. */
const maxMatches = 1_000_000;
/** Values that all updates of an overlay may add together. */
const maxAdded = 2_000_000;

/**
 * Applies one Overlay document (Overlay Specification 1.0, 1.1 or 1.2; JSON or YAML) to a document and returns the result; the
 * document itself is not changed, unchanged parts are shared with it. An action that matches nothing is a note. An overlay that is
 * invalid in any place is refused as a whole: DocumentError `overlay`, whose message names the action (from 0) and the field.
 */
export function applyOverlay(root: JsonObject, overlayText: string | Uint8Array): { root: JsonObject; notes: readonly Repair[] } {
  const { isVersion10, actions } = readOverlay(parseOverlay(overlayText));
  const draft = new TreeDraft(root);
  const notes: Repair[] = [];
  let matches = 0;
  let added = 0;
  for (const action of actions) {
    const locations = action.target(draft.root, maxMatches - matches);
    if (locations === undefined) refuse(action.index, 'target', 'it matches too many places, or nests too deeply');
    matches += locations.length;
    added += action.update === undefined ? 0 : countValues(action.update) * locations.length;
    if (added > maxAdded) refuse(action.index, 'update', 'it makes the document too large');
    if (locations.length === 0) {
      notes.push({ code: 'overlay-without-match', at: `/actions/${action.index}`, message: `The overlay's target ${JSON.stringify(action.targetText.slice(0, 200))} matches nothing.` });
    } else apply(action, draft, locations, isVersion10);
    if (action.copy !== undefined || locations.length > 1_000) checkGrowth(draft.root, action.index);
  }
  return { root: draft.root, notes };
}

/** Without recursion: an update may be of any depth. */
function countValues(value: JsonValue): number {
  const pending: JsonValue[] = [value];
  let count = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    count += 1;
    if (typeof next === 'object' && next !== null) for (const child of Object.values(next)) pending.push(child);
  }
  return count;
}

function apply(action: Action, draft: TreeDraft, locations: readonly (readonly (string | number)[])[], isVersion10: boolean): void {
  if (action.remove) {
    if (!draft.removeAll(locations)) refuse(action.index, 'remove', 'the root of the document cannot be removed');
    return;
  }
  const field = action.copy === undefined ? 'update' : 'copy';
  const value = action.copy === undefined ? action.update : readSource(action, action.copy, draft);
  if (value === undefined) return;
  if (field === 'copy') draft.share();
  const kinds = new Set(locations.map((location) => kindOf(draft.valueAt(location))));
  if (!isVersion10 && kinds.size > 1) refuse(action.index, 'target', 'it selects values of different kinds (objects, arrays, primitive values)');
  if (isVersion10 && kinds.has('primitive')) refuse(action.index, 'target', 'it selects a primitive value, which Overlay 1.0 cannot update (1.1 can)');
  for (const location of locations) {
    const merged = mergeUpdate(draft.valueAt(location), value, !isVersion10);
    if (merged === undefined) refuse(action.index, field, 'its value and the target are of different kinds');
    if (!draft.replace(location, merged)) refuse(action.index, field, 'the root of the document must stay an object');
  }
}

function readSource(action: Action, copy: Target, draft: TreeDraft): JsonValue {
  const found = copy(draft.root, 2);
  const [location] = found ?? [];
  if (location === undefined || found?.length !== 1) refuse(action.index, 'copy', 'it must select exactly one place');
  return draft.valueAt(location) ?? null;
}

const kindOf = (value: JsonValue | undefined): 'object' | 'array' | 'primitive' => (isObject(value) ? 'object' : isArray(value) ? 'array' : 'primitive');

/** Copies share their source; walked as a tree, the result must stay bounded. */
function checkGrowth(root: JsonObject, index: number): void {
  try {
    checkSharing(root);
  } catch (error) {
    if (error instanceof DocumentError) refuse(index, 'target', 'the document grows too large');
    throw error;
  }
}

function parseOverlay(text: string | Uint8Array): JsonObject {
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  if (bytes > maxOverlayBytes) throw new DocumentError('overlay', `The overlay has ${bytes} bytes; at most ${maxOverlayBytes} are read.`);
  try {
    return parseDocument(decodeDocument(text));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new DocumentError('overlay', `The overlay cannot be read. ${error.message.replace('The document', 'It').replace(' with an "openapi" field', '')}`, { cause: error });
  }
}

function readOverlay(root: JsonObject): Overlay {
  const written = own(root, 'overlay');
  const version = typeof written === 'number' ? String(written === 1 ? '1.0' : written) : written;
  if (typeof version !== 'string' || !/^1\.[012](\.\d+)?$/.test(version)) {
    throw new DocumentError('overlay', `The field "overlay" must be a version 1.0, 1.1 or 1.2; it is ${excerptOf(written, 40)}.`);
  }
  const info = ownObject(root, 'info');
  for (const field of ['title', 'version']) {
    const value = info === undefined ? undefined : own(info, field);
    // Unquoted in YAML, a version is a number.
    if (typeof value !== 'string' && typeof value !== 'number') throw new DocumentError('overlay', `The overlay's field "info.${field}" must be a text.`);
  }
  const actions = ownArray(root, 'actions');
  if (actions.length === 0 || actions.length > maxActions) throw new DocumentError('overlay', `The overlay's field "actions" must be a list of 1 to ${maxActions} actions.`);
  return { isVersion10: version.startsWith('1.0'), actions: actions.map((action, index) => readAction(root, action, index, version)) };
}

function readAction(root: JsonObject, given: JsonValue, index: number, version: string): Action {
  if (!isObject(given)) refuse(index, '', 'it is not an object');
  const written = version.startsWith('1.2') ? withReusableFields(root, given, index) : given;
  const known = ['target', 'description', 'update', 'remove', ...(version.startsWith('1.0') ? [] : ['copy'])];
  const unknown = Object.keys(written).find((field) => !known.includes(field) && !field.startsWith('x-'));
  if (unknown !== undefined) refuse(index, unknown, `it is no field of an action in Overlay ${version.slice(0, 3)}`);
  const remove = own(written, 'remove') ?? false;
  if (typeof remove !== 'boolean') refuse(index, 'remove', 'it must be true or false');
  const description = own(written, 'description');
  if (description !== undefined && typeof description !== 'string') refuse(index, 'description', 'it must be a text');
  const copy = own(written, 'copy');
  const update = own(written, 'update');
  const target = readPath(own(written, 'target'), 'target', index);
  const source = copy === undefined ? undefined : readPath(copy, 'copy', index);
  if (!remove && source !== undefined && update !== undefined) refuse(index, 'copy', 'it cannot stand beside "update"');
  return {
    index,
    target,
    targetText: ownString(written, 'target') ?? '',
    remove,
    ...(remove || update === undefined ? {} : { update }),
    ...(remove || source === undefined ? {} : { copy: source }),
  };
}

/** Overlay 1.2: an action may take its fields from `components.actions`; its own `target` and `description` stay. */
function withReusableFields(root: JsonObject, action: JsonObject, index: number): JsonObject {
  const reference = own(action, '$ref');
  if (reference === undefined) return action;
  const tokens = typeof reference === 'string' && reference.startsWith('#/components/actions/') ? pointerTokens(reference.slice(1)) : [];
  const reusable = tokens.length === 3 ? ownObject(ownObject(ownObject(root, 'components') ?? {}, 'actions') ?? {}, tokens[2] ?? '') : undefined;
  if (reusable === undefined) refuse(index, '$ref', 'it names no action of "#/components/actions"');
  const fields = Object.fromEntries(Object.entries(action).filter(([field]) => field !== '$ref'));
  const beside = Object.keys(fields).find((field) => ['update', 'remove', 'copy'].includes(field));
  if (beside !== undefined) refuse(index, beside, 'it cannot stand beside "$ref"');
  return { ...ownObject(reusable, 'fields'), ...fields };
}

function readPath(value: JsonValue | undefined, field: string, index: number): Target {
  if (typeof value !== 'string') refuse(index, field, 'it must be a JSONPath expression');
  const compiled = compileTarget(value);
  if (typeof compiled === 'string') refuse(index, field, `it is no JSONPath expression (RFC 9535): ${compiled}`);
  return compiled;
}

function refuse(index: number, field: string, why: string): never {
  throw new DocumentError('overlay', `The overlay's action ${index} is invalid${field === '' ? '' : ` in "${field.slice(0, 80)}"`}: ${why}.`);
}

import { isArray, isObject, ownArray, ownObject, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { jsonTypeOf } from '../schema/value-rules.js';
import { mapSubschemas } from '../schema/subschemas.js';
import type { ClientProfile } from './client-profile.js';

/**
 * A converted schema (`$defs` included, when it has them) as a client of the profile takes it: valid, and looser where it
 * differs (but for null, which a profile without type arrays cannot say). References are left as they are.
 */
export function rewriteForProfile(schema: JsonObject, profile: ClientProfile): JsonObject {
  const given = profile.typeArrays === 'single' ? withoutNull(schema) : schema;
  const inner = mapSubschemas(given, (member) => rewriteForProfile(member, profile));
  if (isTakenAsItIs(inner, profile)) return inner;
  const mapped: JsonDraft = { ...inner };
  cutText(mapped, profile.maxSchemaText);
  if (profile.needItems) addItems(mapped);
  if (profile.unions === 'anyOf') renameOneOf(mapped);
  if (profile.joins === 'merge') mergeMembers(mapped);
  if (profile.enums === 'strings') keepStringEnum(mapped);
  if (profile.typeArrays === 'single') splitTypes(mapped);
  if (profile.formats !== 'all' && !profile.formats.includes(String(mapped['format']))) delete mapped['format'];
  if (!profile.addlProps) delete mapped['additionalProperties'];
  if (profile.keywords === 'all') return mapped;
  foldBounds(mapped);
  for (const keyword of Object.keys(mapped)) if (!profile.keywords.includes(keyword) && keyword !== '$ref' && keyword !== '$defs') delete mapped[keyword];
  if (profile.needTypes) addType(mapped);
  return mapped;
}

/** Most schemas are: then they are shared instead of copied. */
function isTakenAsItIs(schema: JsonObject, profile: ClientProfile): boolean {
  const { title, description, type, items } = schema;
  if ((typeof title === 'string' && title.length > profile.maxSchemaText) || (typeof description === 'string' && description.length > profile.maxSchemaText)) return false;
  if (items === undefined && (type === 'array' || (isArray(type) && type.includes('array')))) return false;
  if (profile.unions === 'anyOf' && schema['oneOf'] !== undefined) return false;
  if (profile.enums === 'strings' && (schema['enum'] !== undefined || schema['const'] !== undefined)) return false;
  return leavesObjects(profile);
}

/** True for a profile that changes nothing of a schema that is an object with properties, but for what is inside. */
export function leavesObjects(profile: ClientProfile): boolean {
  return profile.joins === 'keep' && profile.typeArrays === 'keep' && profile.formats === 'all' && profile.addlProps && profile.keywords === 'all';
}

/** At most `limit` characters, cut between words. */
export function cutAt(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.slice(0, limit - 1);
  const space = start.lastIndexOf(' ');
  return `${(space > limit * 0.8 ? start.slice(0, space) : start).toWellFormed().trimEnd()}…`;
}

function cutText(draft: JsonDraft, limit: number): void {
  for (const keyword of ['title', 'description']) {
    const text = draft[keyword];
    if (typeof text === 'string' && text.length > limit) draft[keyword] = cutAt(text, limit);
  }
}

function addItems(draft: JsonDraft): void {
  if ([draft['type']].flat().includes('array') && draft['items'] === undefined) draft['items'] = {};
}

/** Where both stand, `oneOf` goes: a client that knows only `anyOf` then accepts more. */
function renameOneOf(draft: JsonDraft): void {
  const members = draft['oneOf'];
  delete draft['oneOf'];
  if (members !== undefined) draft['anyOf'] ??= members;
}

function mergeMembers(draft: JsonDraft): void {
  const members = ownArray(draft, 'allOf').filter(isObject);
  if (members.some((member) => Object.hasOwn(member, '$ref'))) return;
  delete draft['allOf'];
  for (const member of members) {
    const properties = { ...ownObject(draft, 'properties'), ...ownObject(member, 'properties') };
    const required = new Set([...ownArray(draft, 'required'), ...ownArray(member, 'required')]);
    for (const [keyword, value] of Object.entries(member)) draft[keyword] ??= value;
    if (Object.keys(properties).length > 0) draft['properties'] = properties;
    if (required.size > 0) draft['required'] = [...required];
  }
}

function keepStringEnum(draft: JsonDraft): void {
  const fixed = draft['const'];
  const values = fixed === undefined ? draft['enum'] : [fixed];
  if (!isArray(values)) return;
  delete draft['const'];
  delete draft['enum'];
  if (fixed !== undefined) draft['type'] ??= jsonTypeOf(fixed);
  // Null among them is what a nullable string has; the type still says so.
  const texts = values.filter((value) => value !== null);
  if (texts.length > 0 && texts.every((value) => typeof value === 'string')) draft['enum'] = values.includes(null) && [draft['type']].flat().includes('null') ? values : texts;
}

/** The union without its null branch: an optional argument can be left out. What is left alone stands for the union. */
function withoutNull(schema: JsonObject): JsonObject {
  const keyword = schema['anyOf'] === undefined ? 'oneOf' : 'anyOf';
  const members = ownArray(schema, keyword);
  const left = members.filter((member) => !isObject(member) || member['type'] !== 'null');
  if (left.length === members.length || left.length === 0) return schema;
  const { [keyword]: _union, ...rest } = schema;
  const [only] = left;
  return left.length === 1 && isObject(only) ? { ...only, ...rest } : { ...rest, [keyword]: left };
}

/** `["string", "null"]` is `string` here. */
function splitTypes(draft: JsonDraft): void {
  if (isArray(draft['enum'])) draft['enum'] = draft['enum'].filter((value) => value !== null);
  const { type } = draft;
  if (!isArray(type)) return;
  const types = type.filter((name) => name !== 'null');
  delete draft['type'];
  if (types.length === 1) draft['type'] = types[0] ?? 'string';
  else if (types.length > 1) draft['anyOf'] ??= types.map((name) => branchOf(draft, name));
}

function branchOf(draft: JsonDraft, type: JsonValue): JsonObject {
  const branch: JsonDraft = { type };
  if (type === 'array') branch['items'] = draft['items'] ?? {};
  return branch;
}

/** Without exclusive bounds the next integer, or the bound itself, is the closest that is said. */
function foldBounds(draft: JsonDraft): void {
  const step = draft['type'] === 'integer' ? 1 : 0;
  const { exclusiveMinimum: above, exclusiveMaximum: below } = draft;
  if (typeof above === 'number') draft['minimum'] ??= Math.floor(above) + step;
  if (typeof below === 'number') draft['maximum'] ??= Math.ceil(below) - step;
}

function addType(draft: JsonDraft): void {
  if (draft['anyOf'] !== undefined) {
    // Beside `anyOf` only texts are taken.
    for (const keyword of Object.keys(draft)) if (!['anyOf', 'title', 'description'].includes(keyword)) delete draft[keyword];
    return;
  }
  if (draft['$ref'] !== undefined) return;
  draft['type'] ??= draft['properties'] !== undefined ? 'object' : draft['items'] !== undefined ? 'array' : 'string';
  if (draft['type'] === 'null') draft['type'] = 'string';
  if (draft['type'] === 'array' && isObject(draft['items']) && Object.keys(draft['items']).length === 0) draft['items'] = { type: 'string' };
  const properties = ownObject(draft, 'properties');
  const required = ownArray(draft, 'required').filter((name) => properties !== undefined && Object.hasOwn(properties, String(name)));
  delete draft['required'];
  if (required.length > 0) draft['required'] = required;
}

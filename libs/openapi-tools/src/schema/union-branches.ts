import { isArray, isObject, type JsonValue } from '../json.js';
import { isEqual } from './value-rules.js';

/** What a union's branches say of a value that fits none. */
export interface MeantBranches {
  /** Those that the value's own kind does not exclude; all when it excludes all. */
  readonly meant: readonly JsonValue[];
  /** Set when the value's kind is that of no branch: the property that says the kind, and its values. */
  readonly kind?: { readonly property: string; readonly values: readonly JsonValue[] };
}

/** Branches that fix a property to another value than the given one are the other kinds of a discriminated union. */
export function findMeantBranches(members: readonly JsonValue[], value: unknown, definition: (name: string) => JsonValue | undefined): MeantBranches {
  if (!isObject(value)) return { meant: members };
  const branches = members.map((member) => ({ member, fixed: fixedValues(member, definition) }));
  const isOther = (values: readonly JsonValue[] | undefined, property: string): boolean => values !== undefined && Object.hasOwn(value, property) && !values.some((item) => isEqual(item, value[property]));
  const meant = branches.filter(({ fixed }) => ![...fixed].some(([property, values]) => isOther(values, property))).map(({ member }) => member);
  if (meant.length > 0) return { meant };
  const shared = [...(branches[0]?.fixed.keys() ?? [])].find((property) => branches.every(({ fixed }) => isOther(fixed.get(property), property)));
  if (shared === undefined) return { meant: members };
  return { meant: members, kind: { property: shared, values: branches.flatMap(({ fixed }) => fixed.get(shared) ?? []) } };
}

/** The properties that a branch, its `$ref` and `allOf` fix by `const` or `enum`. */
function fixedValues(schema: JsonValue | undefined, definition: (name: string) => JsonValue | undefined, depth = 0): ReadonlyMap<string, readonly JsonValue[]> {
  const fixed = new Map<string, readonly JsonValue[]>();
  if (!isObject(schema) || depth > 4) return fixed;
  const { $ref: target, allOf, properties } = schema;
  const joined = [...(typeof target === 'string' ? [definition(target.slice('#/$defs/'.length))] : []), ...(isArray(allOf) ? allOf : [])];
  for (const member of joined) for (const [name, values] of fixedValues(member, definition, depth + 1)) fixed.set(name, values);
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    const values = literalsOf(property, definition, depth);
    if (values !== undefined) fixed.set(name, values);
  }
  return fixed;
}

function literalsOf(property: JsonValue | undefined, definition: (name: string) => JsonValue | undefined, depth: number): readonly JsonValue[] | undefined {
  if (!isObject(property) || depth > 4) return undefined;
  if (property['const'] !== undefined) return [property['const']];
  if (isArray(property['enum']) && property['enum'].length > 0) return property['enum'];
  const target = property['$ref'];
  return typeof target === 'string' ? literalsOf(definition(target.slice('#/$defs/'.length)), definition, depth + 1) : undefined;
}

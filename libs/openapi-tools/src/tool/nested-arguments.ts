import { isObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { assignKeys, type KeyPattern, type NamedArgument } from './argument-keys.js';
import { ArgumentsSchema, type ArgumentMember } from './arguments-schema.js';

/** Where an argument stands in the tool: a member of the object `group`, or of the arguments themselves. */
export interface ArgumentPlace {
  readonly group?: string;
  readonly member: string;
}

/** What the binding knows the argument by: `limit`, or `query.limit` in a group. No group's name has a dot. */
export const keyOf = ({ group, member }: ArgumentPlace): string => (group === undefined ? member : `${group}.${member}`);

/**
 * The places of nested arguments (openapi.md decision 6), in their order: one object for each location, in which names only have to differ
 * from each other. A body that is no object of named properties (`isBodyWhole`) is the argument `body`; what is in no location stands
 * beside them.
 */
export function nestArguments(named: readonly NamedArgument[], isBodyWhole: boolean, pattern: KeyPattern | undefined): readonly ArgumentPlace[] {
  const places = new Map<NamedArgument, ArgumentPlace>();
  for (const location of new Set(named.map((item) => item.location))) {
    const isAlone = location === 'request' || (location === 'body' && isBodyWhole);
    const inside = named.filter((item) => item.location === location);
    for (const [index, member] of assignKeys(inside, pattern).entries()) {
      const item = inside[index];
      if (item !== undefined) places.set(item, isAlone ? { member } : { group: location, member });
    }
  }
  return named.map((item) => places.get(item) ?? { member: item.name });
}

/** One argument of a tool. */
export interface ShownArgument extends ArgumentPlace, ArgumentMember {}

/** The schema of nested arguments. `additional` is what the body's group says of further members; a group is required when one of its members is. */
export function nestedSchema(args: readonly ShownArgument[], additional: boolean | JsonObject, isBodyRequired: boolean): ArgumentsSchema {
  const groups = new Map<string, ShownArgument[]>();
  const alone: ShownArgument[] = [];
  for (const argument of args) {
    if (argument.group === undefined) alone.push(argument);
    else groups.set(argument.group, [...(groups.get(argument.group) ?? []), argument]);
  }
  if (additional !== false && !groups.has('body')) groups.set('body', []);
  const nested = [...groups].map(([member, members]): ShownArgument => {
    const isRequired = members.some(({ required }) => required) && (member !== 'body' || isBodyRequired);
    return { member, schema: new ArgumentsSchema(members, member === 'body' ? additional : false).schema, required: isRequired };
  });
  return new ArgumentsSchema([...nested, ...alone], false);
}

/** Arguments as the binding knows them: members of groups by their whole key. */
export function flattenArguments(args: JsonObject, groups: ReadonlySet<string>): JsonObject {
  const flat: JsonDraft = {};
  for (const [name, value] of Object.entries(args)) {
    if (!groups.has(name)) put(flat, name, value);
    else if (isObject(value)) for (const [member, inner] of Object.entries(value)) put(flat, keyOf({ group: name, member }), inner);
  }
  return flat;
}

/** The key of the argument that a path into the given arguments leads to, and the rest of the path. */
export function argumentAt([first, second, ...rest]: readonly string[], groups: ReadonlySet<string> | undefined): { readonly key: string | undefined; readonly deeper: readonly string[] } {
  if (first !== undefined && second !== undefined && groups?.has(first) === true) return { key: keyOf({ group: first, member: second }), deeper: rest };
  return { key: first, deeper: second === undefined ? [] : [second, ...rest] };
}

/** The keys of the arguments that a tool's input schema shows. */
export function shownKeys(properties: JsonObject, groups: ReadonlySet<string> | undefined): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => (groups?.has(name) === true ? membersOf(schema).map((member) => keyOf({ group: name, member })) : [name]));
}

function membersOf(schema: JsonValue): readonly string[] {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return properties !== undefined && isObject(properties) ? Object.keys(properties) : [];
}

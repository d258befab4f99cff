import type { JsonObject } from '../json.js';

/** How each allowed keyword is carried over; all others are dropped (openapi.md decision 4). */
export type KeywordKind = 'text' | 'flag' | 'number' | 'count' | 'pattern' | 'schema' | 'map' | 'patternMap' | 'list' | 'literal' | 'names';
const kinds30: Readonly<Record<string, KeywordKind>> = {
  title: 'text',
  description: 'text',
  format: 'text',
  deprecated: 'flag',
  uniqueItems: 'flag',
  multipleOf: 'number',
  maximum: 'number',
  minimum: 'number',
  maxLength: 'count',
  minLength: 'count',
  maxItems: 'count',
  minItems: 'count',
  maxProperties: 'count',
  minProperties: 'count',
  pattern: 'pattern',
  not: 'schema',
  additionalProperties: 'schema',
  oneOf: 'list',
  anyOf: 'list',
  allOf: 'list',
};
const kinds31: Readonly<Record<string, KeywordKind>> = {
  ...kinds30,
  const: 'literal',
  contentEncoding: 'text',
  contentMediaType: 'text',
  maxContains: 'count',
  minContains: 'count',
  contains: 'schema',
  propertyNames: 'schema',
  unevaluatedItems: 'schema',
  unevaluatedProperties: 'schema',
  if: 'schema',
  // oxlint-disable-next-line unicorn/no-thenable -- the JSON Schema keyword
  then: 'schema',
  else: 'schema',
  prefixItems: 'list',
  patternProperties: 'patternMap',
  dependentSchemas: 'map',
  dependentRequired: 'names',
};

export const keywords30: ReadonlyMap<string, KeywordKind> = new Map(Object.entries(kinds30));
export const keywords31: ReadonlyMap<string, KeywordKind> = new Map(Object.entries(kinds31));

/** Groups of keywords that are read together. */
export const groups = {
  reference: 1,
  type: 2,
  /** What brings properties. */
  members: 4,
  required: 8,
  items: 16,
  values: 32,
  exclusive: 64,
  closed: 128,
  unevaluated: 256,
  nullable: 512,
  discriminator: 1024,
} as const;

const groupsByKeyword: ReadonlyMap<string, number> = new Map(
  Object.entries({
    $ref: groups.reference,
    $dynamicRef: groups.reference,
    $recursiveRef: groups.reference,
    type: groups.type,
    properties: groups.members,
    allOf: groups.members,
    required: groups.required,
    items: groups.items,
    enum: groups.values,
    const: groups.values,
    default: groups.values,
    exclusiveMinimum: groups.exclusive,
    exclusiveMaximum: groups.exclusive,
    additionalProperties: groups.closed,
    unevaluatedProperties: groups.closed | groups.unevaluated,
    unevaluatedItems: groups.unevaluated,
    nullable: groups.nullable,
    'x-nullable': groups.nullable,
    discriminator: groups.discriminator,
  }),
);

/** The {@link groups} that a schema has something of, from one look at its keywords: most have two or three, and to ask for each one costs more. */
export function groupsOf(schema: JsonObject): number {
  let found = 0;
  for (const keyword in schema) found |= groupsByKeyword.get(keyword) ?? 0;
  return found;
}

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

/** Plausible arguments for a tool, from the schema it shows: every argument, the required members inside them. */

const DEPTH = 6;

/** @param {Record<string, any>} schema a tool's input schema */
export function sampleArguments(schema) {
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, sample(value, schema.$defs ?? {}, 0)]));
}

/** @param {any} schema @param {Record<string, any>} definitions @param {number} depth @returns {any} */
function sample(schema, definitions, depth) {
  if (typeof schema !== 'object' || schema === null || depth > DEPTH) return 'text';
  if (typeof schema.$ref === 'string') return sample(definitions[schema.$ref.slice('#/$defs/'.length)], definitions, depth + 1);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [branch] = schema.oneOf ?? schema.anyOf ?? [];
  if (branch !== undefined) return sample(branch, definitions, depth + 1);
  if (Array.isArray(schema.allOf)) return Object.assign({}, ...schema.allOf.map((/** @type {any} */ member) => sample(member, definitions, depth + 1)).filter((/** @type {any} */ value) => typeof value === 'object'));
  return sampleOfType(schema, definitions, depth);
}

/** @param {any} schema @param {Record<string, any>} definitions @param {number} depth */
function sampleOfType(schema, definitions, depth) {
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object': {
      /** @type {string[]} */
      const names = schema.required ?? Object.keys(schema.properties ?? {}).slice(0, 3);
      return Object.fromEntries(names.map((name) => [name, sample(schema.properties?.[name], definitions, depth + 1)]));
    }
    case 'array':
      return Array.from({ length: Math.max(2, schema.minItems ?? 0) }, () => sample(schema.items ?? {}, definitions, depth + 1));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return schema.format === 'date-time' ? '2026-11-21T10:00:00Z' : 'text'.padEnd(schema.minLength ?? 0, 'x').slice(0, schema.maxLength);
  }
}

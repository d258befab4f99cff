import { define, hostileScalars, hostileValue } from './hostile-values.mjs';

/** Arguments for a tool as its schema asks; `noise` is the share of values that are hostile instead. */
export function makeArguments(schema, random, noise) {
  const budget = { left: 300 };
  const value = make(schema, schema, random, noise, 0, budget);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function make(schema, root, random, noise, depth, budget) {
  budget.left -= 1;
  if (random.chance(noise) || budget.left < 0 || depth > 12) return depth > 12 ? null : random.chance(0.3) ? hostileValue(random, 2) : random.pick(hostileScalars.slice(0, -1));
  if (schema === true || schema === undefined || schema === null || typeof schema !== 'object') return random.pick(['x', 1, null, {}]);
  if (typeof schema.$ref === 'string') return make(follow(root, schema.$ref), root, random, noise, depth + 1, budget);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return random.pick(schema.enum);
  for (const word of ['oneOf', 'anyOf']) if (Array.isArray(schema[word]) && schema[word].length > 0) return make(random.pick(schema[word]), root, random, noise, depth + 1, budget);
  if (Array.isArray(schema.allOf)) {
    const parts = [{ ...schema, allOf: undefined }, ...schema.allOf].map((part) => make(part, root, random, noise, depth + 1, budget));
    return parts.every((part) => typeof part === 'object' && part !== null && !Array.isArray(part)) ? Object.assign({}, ...parts) : parts.at(-1);
  }
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : (schema.type ?? (schema.properties ? 'object' : 'string'));
  return asText(ofType(type, schema, root, random, noise, depth, budget), random, noise);
}

/** Models send objects and numbers as text. */
function asText(value, random, noise) {
  return noise > 0 && typeof value !== 'string' && random.chance(0.1) ? JSON.stringify(value) : value;
}

function ofType(type, schema, root, random, noise, depth, budget) {
  switch (type) {
    case 'object':
      return makeObject(schema, root, random, noise, depth, budget);
    case 'array': {
      const length = Math.min(Math.max(Number(schema.minItems) || 0, random.below(3)), 5);
      return Array.from({ length }, () => make(schema.items, root, random, noise, depth + 1, budget));
    }
    case 'integer':
    case 'number':
      return Math.min(Number(schema.maximum ?? Infinity), Math.max(Number(schema.minimum ?? -Infinity), random.pick([0, 1, 7, 2 ** 40])));
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return random.pick(['aGVsbG8=', 'x', 'a b/c?d#e', 'é🙂', '2020-01-01', '..', ';', '"']).padEnd(Math.min(Number(schema.minLength) || 0, 200), 'x');
  }
}

function makeObject(schema, root, random, noise, depth, budget) {
  const object = {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    if (required.has(key) || random.chance(depth === 0 ? 0.5 : 0.3)) define(object, key, make(inner, root, random, noise, depth + 1, budget));
  }
  for (const key of required) if (!Object.hasOwn(object, key)) define(object, key, 'x');
  if (schema.additionalProperties !== false && random.chance(0.2)) define(object, random.pick(['extra', '__proto__', 'a[b]', 'x\r\ny', '']), make(schema.additionalProperties, root, random, noise, depth + 1, budget));
  return object;
}

function follow(root, reference) {
  let at = root;
  for (const token of reference.slice(2).split('/')) at = at?.[decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')];
  return at;
}

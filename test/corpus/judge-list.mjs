/** Judges a `tools/list` result by what MCP clients and JSON Schema 2020-12 ask, without the library that made it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isObject } from './documents.mjs';

const NAME = /^[a-zA-Z0-9_-]+$/;
const KEY = /^[a-zA-Z0-9_.-]{1,64}$/;
const ROOT_COMBINATORS = ['oneOf', 'anyOf', 'allOf', 'not', 'if', '$ref', 'enum', 'const'];
/** What of JSON Schema holds schemas: a `$ref` elsewhere (a property of that name, a default) is data. */
const SCHEMA = ['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'additionalItems', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'contentSchema'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
/** Words of OpenAPI that JSON Schema does not know (S18). */
const LEAKS = ['discriminator', 'xml', 'nullable', 'externalDocs', 'example'];

const ajv = new Ajv2020({ strict: false, validateSchema: true, validateFormats: false, logger: false });

/**
 * @typedef {{ tool: string, problem: string }} Problem
 * @param {unknown} list the result, as a client parses it
 * @param {{ nameMax: number, isCompiled: (tool: number) => boolean }} options which tools' schemas are compiled; all are validated
 * @returns {{ tools: number, compiled: number, problems: Problem[] }}
 */
export function judgeList(list, { nameMax, isCompiled }) {
  /** @type {Problem[]} */
  const problems = [];
  const names = new Set();
  let compiled = 0;
  const tools = isObject(list) && Array.isArray(list.tools) ? list.tools : [];
  for (const [index, tool] of tools.entries()) {
    const found = [...judgeName(tool, names, nameMax)];
    for (const member of ['inputSchema', 'outputSchema']) {
      if (member === 'outputSchema' && !Object.hasOwn(tool, member)) continue;
      const schema = tool[member];
      found.push(...judgeRoot(schema));
      if (member === 'inputSchema') found.push(...judgeArguments(schema));
      found.push(...judgeInside(schema).map((problem) => `${member}: ${problem}`));
      const isFull = isCompiled(index);
      if (isFull) compiled += 1;
      found.push(...judgeSchema(schema, isFull));
    }
    problems.push(...found.map((problem) => ({ tool: String(tool?.name), problem })));
  }
  return { tools: tools.length, compiled, problems };
}

/** @param {Record<string, unknown>} tool @param {Set<string>} names of the tools before, in lower case @param {number} nameMax */
function judgeName({ name }, names, nameMax) {
  if (typeof name !== 'string' || !NAME.test(name)) return ['illegal name'];
  const problems = name.length > nameMax ? [`name of ${name.length} characters`] : [];
  if (names.has(name.toLowerCase())) problems.push('duplicate name');
  names.add(name.toLowerCase());
  return problems;
}

/** @param {unknown} schema */
export function judgeRoot(schema) {
  return isObject(schema) && schema.type === 'object' ? [] : ['the root is no object'];
}

/** An output schema has neither rule: its names are the API's, and only clients that take all of JSON Schema see it. @param {unknown} schema */
function judgeArguments(schema) {
  if (!isObject(schema)) return [];
  const problems = ROOT_COMBINATORS.filter((keyword) => Object.hasOwn(schema, keyword)).map((keyword) => `${keyword} at the root`);
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const key of Object.keys(properties)) if (!KEY.test(key)) problems.push(`illegal key ${JSON.stringify(key)}`);
  for (const [key, value] of Object.entries(properties)) if (!isObject(value)) problems.push(`argument ${key} has no object as its schema`);
  for (const key of Array.isArray(schema.required) ? schema.required : []) if (!Object.hasOwn(properties, key)) problems.push(`required ${key} is no property`);
  return problems;
}

/** References that lead nowhere or out, arrays without items, words that JSON Schema does not know. @param {unknown} root @returns {string[]} */
export function judgeInside(root) {
  /** @type {string[]} */
  const problems = [];
  const pending = [root];
  while (pending.length > 0) {
    const schema = pending.pop();
    if (!isObject(schema)) continue;
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      if (Object.hasOwn(schema, keyword) && !isResolved(root, schema[keyword])) problems.push(`${keyword} ${JSON.stringify(schema[keyword])} leads nowhere`);
    }
    for (const keyword of ['$id', '$anchor', '$schema']) if (Object.hasOwn(schema, keyword)) problems.push(`${keyword} inside`);
    for (const keyword of LEAKS) if (Object.hasOwn(schema, keyword)) problems.push(`${keyword} is no keyword of JSON Schema`);
    if (schema.type === 'array' && !Object.hasOwn(schema, 'items') && !Object.hasOwn(schema, 'prefixItems')) problems.push('array without items');
    for (const keyword of SCHEMA) if (Object.hasOwn(schema, keyword)) pending.push(schema[keyword]);
    for (const keyword of LISTS) if (Array.isArray(schema[keyword])) pending.push(...schema[keyword]);
    for (const keyword of MAPS) if (isObject(schema[keyword])) pending.push(...Object.values(schema[keyword]));
  }
  return problems;
}

/** @param {unknown} root @param {unknown} reference */
function isResolved(root, reference) {
  if (reference === '#') return true;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return false;
  let value = root;
  for (const token of reference.slice(2).split('/')) {
    const name = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = /** @type {Record<string, unknown>} */ (value)[name];
  }
  return typeof value === 'boolean' || isObject(value);
}

/** @param {unknown} schema @param {boolean} isFull compiled, not only compared with the meta-schema */
function judgeSchema(schema, isFull) {
  if (!isObject(schema)) return [];
  try {
    if (isFull) ajv.compile(schema);
    else if (!ajv.validateSchema(schema)) return [`invalid schema: ${ajv.errorsText()}`.slice(0, 300)];
    return [];
  } catch (error) {
    return [`uncompilable schema: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300)];
  } finally {
    ajv.removeSchema(schema);
  }
}

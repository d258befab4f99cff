import Ajv2020 from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ strict: false, logger: false });
const keys = { default: /^[a-zA-Z0-9_.-]{1,64}$/, word: /^[A-Za-z0-9_]{1,64}$/ };

/** What is wrong with a listed tool by the rules that clients apply, or undefined. Knows nothing of how tools are made. */
export function judgeTool(tool, profile) {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name)) return `name ${JSON.stringify(tool.name)}`;
  if (typeof tool.description !== 'string') return 'no description';
  if (!JSON.stringify(tool).isWellFormed()) return 'half a surrogate pair in its text';
  for (const field of ['inputSchema', 'outputSchema']) {
    const schema = tool[field];
    if (schema === undefined && field === 'outputSchema') continue;
    const problem = judgeSchema(schema, field === 'inputSchema' ? profile : undefined);
    if (problem !== undefined) return `${field}: ${problem}`;
  }
  return undefined;
}

export function judgeList(tools) {
  const names = new Set(tools.map(({ name }) => name.toLowerCase()));
  return names.size === tools.length ? undefined : 'two tools of one name';
}

function judgeSchema(schema, profile) {
  if (schema?.type !== 'object') return `root type ${JSON.stringify(schema?.type)}`;
  const combinator = ['oneOf', 'anyOf', 'allOf', 'not', 'enum', 'if'].find((word) => Object.hasOwn(schema, word));
  if (profile !== undefined && combinator !== undefined) return `${combinator} at the root`;
  const pattern = profile?.keyPattern === 'word' ? keys.word : keys.default;
  const key = profile === undefined ? undefined : Object.keys(schema.properties ?? {}).find((name) => !pattern.test(name));
  if (key !== undefined) return `key ${JSON.stringify(key)}`;
  if (!ajv.validateSchema(schema)) return `no JSON Schema: ${ajv.errorsText(ajv.errors).slice(0, 300)}`;
  return judgeReferences(schema);
}

/** Every place that holds a schema is walked; data (enum, const, default, examples) is not. */
function judgeReferences(schema) {
  const pending = [schema];
  const seen = new Set();
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (Object.hasOwn(node, '$ref') && !resolves(schema, node.$ref)) return `dangling $ref ${JSON.stringify(node.$ref)?.slice(0, 100)}`;
    const leak = ['$dynamicRef', '$recursiveRef', '$id', '$anchor', 'nullable', 'discriminator', 'xml', 'externalDocs', 'example'].find((word) => Object.hasOwn(node, word));
    if (leak !== undefined) return `${leak} in a schema`;
    if (typeof node.pattern === 'string' && !isPattern(node.pattern)) return `pattern ${node.pattern.slice(0, 80)}`;
    pending.push(...subschemas(node));
  }
  return undefined;
}

function* subschemas(node) {
  for (const word of ['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains', 'propertyNames', 'not', 'if', 'then', 'else', 'contentSchema']) if (Object.hasOwn(node, word)) yield node[word];
  for (const word of ['oneOf', 'anyOf', 'allOf', 'prefixItems']) if (Object.hasOwn(node, word)) yield* node[word];
  for (const word of ['properties', 'patternProperties', '$defs', 'dependentSchemas']) if (Object.hasOwn(node, word)) yield* Object.values(node[word]);
}

function resolves(root, reference) {
  if (typeof reference !== 'string' || !reference.startsWith('#/$defs/')) return false;
  const name = decodeURIComponent(reference.slice(8)).replaceAll('~1', '/').replaceAll('~0', '~');
  return Object.hasOwn(root.$defs ?? {}, name);
}

function isPattern(text) {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

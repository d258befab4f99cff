import { define, hostileKeys, hostilePatterns, hostileRefs, hostileTypes, hostileUrls, hostileValue } from './hostile-values.mjs';

/** Containers that one case chooses its places from: a large document has hundreds of thousands. */
const maxPlaces = 4_000;

/** Changes a parsed document in place, `count` times, and returns what was done, for the finding's record. */
export function mutateTree(root, random, count) {
  const places = findPlaces(root, random);
  const done = [];
  for (let turn = 0; turn < count && places.length > 0; turn += 1) {
    const { node, path } = random.pick(places);
    const keys = Object.keys(node);
    const key = keys.length === 0 ? undefined : random.pick(keys);
    const mutation = random.pick(mutations);
    mutation(node, key, random, places);
    done.push(`${mutation.name} ${path}/${String(key).slice(0, 40)}`);
  }
  return done;
}

function findPlaces(root, random) {
  const places = [];
  const pending = [{ node: root, path: '' }];
  const seen = new Set();
  while (pending.length > 0 && seen.size < 60_000) {
    const at = random.chance(0.5) ? pending.pop() : takeAny(pending, random);
    if (seen.has(at.node)) continue;
    seen.add(at.node);
    if (places.length < maxPlaces) places.push(at);
    for (const [key, child] of Object.entries(at.node)) {
      if (typeof child === 'object' && child !== null) pending.push({ node: child, path: `${at.path.slice(-150)}/${key.slice(0, 40)}` });
    }
  }
  return places;
}

function takeAny(list, random) {
  const at = random.below(list.length);
  const taken = list[at];
  list[at] = list.at(-1);
  list.pop();
  return taken;
}

/** Text copies nest deeper than structuredClone can; what is deeper still stays away. */
function copyOf(value) {
  try {
    return JSON.parse(JSON.stringify(value ?? null));
  } catch {
    return null;
  }
}

/** Characters of a value's JSON; what cannot be written is too large for everything. */
function sizeOf(value) {
  try {
    return JSON.stringify(value ?? null).length;
  } catch {
    return Infinity;
  }
}

function set(node, key, value) {
  if (Array.isArray(node)) node[Number(key) || 0] = value;
  else define(node, key, value);
}

const mutations = [
  function remove(node, key) {
    if (key === undefined) return;
    if (Array.isArray(node)) node.splice(Number(key), 1);
    else delete node[key];
  },
  function duplicate(node, key, random) {
    if (key === undefined) return;
    if (Array.isArray(node)) node.push(copyOf(node[key]));
    else if (sizeOf(node[key]) < 50_000) define(node, random.pick(hostileKeys), copyOf(node[key]));
  },
  function swap(node, key, random, places) {
    const other = random.pick(places).node;
    const [otherKey] = Object.keys(other);
    if (key === undefined || otherKey === undefined) return;
    // Copies, so that no cycle of objects is made: the document is written as text afterwards.
    if (sizeOf(node[key]) + sizeOf(other[otherKey]) > 50_000) return;
    const [a, b] = [copyOf(node[key]), copyOf(other[otherKey])];
    set(node, key, b);
    set(other, otherKey, a);
  },
  function retype(node, key, random) {
    if (key !== undefined) set(node, key, hostileValue(random));
  },
  function rename(node, key, random) {
    if (key === undefined || Array.isArray(node)) return;
    const value = node[key];
    delete node[key];
    define(node, random.pick(hostileKeys), value);
  },
  function addKey(node, key, random) {
    set(node, random.pick(hostileKeys), hostileValue(random));
  },
  function addReference(node, key, random, places) {
    const target = random.chance(0.5) ? random.pick(hostileRefs) : `#${random.pick(places).path}`;
    if (key === undefined || random.chance(0.4)) set(node, '$ref', target);
    else set(node, key, { $ref: target, ...(random.chance(0.2) ? { description: 'beside' } : {}) });
  },
  function addCycle(node, key, random, places) {
    const { path } = random.pick(places);
    set(node, key ?? 'items', random.pick([{ allOf: [{ $ref: `#${path}` }] }, { oneOf: [{ $ref: `#${path}` }, { $ref: `#${path}` }] }, { type: 'object', additionalProperties: { $ref: `#${path}` } }, { type: 'array', items: { $ref: `#${path}` } }]));
  },
  function nest(node, key, random) {
    let value = random.pick([{ type: 'string' }, {}, [], 'x', null]);
    const word = random.pick(['items', 'allOf', 'properties', 'not', 'additionalProperties', 'x']);
    for (let depth = random.pick([3, 40, 300, 2_000]); depth > 0; depth -= 1) value = word === 'allOf' ? { allOf: [value] } : word === 'properties' ? { properties: { a: value } } : { [word]: value };
    set(node, key ?? 'schema', value);
  },
  function widen(node, key, random) {
    const count = random.pick([50, 2_000, 20_000]);
    const branch = random.pick([{ type: 'string' }, { enum: [1] }, { $ref: '#/components/schemas/Node' }, null]);
    set(node, random.pick(['oneOf', 'anyOf', 'allOf', 'enum', 'required', 'parameters', 'tags', 'type', 'prefixItems']), Array.from({ length: count }, (_, index) => (random.chance(0.01) ? index : branch)));
  },
  function addPattern(node, key, random) {
    set(node, random.pick(['pattern', key ?? 'pattern']), random.pick(hostilePatterns));
    if (random.chance(0.3)) set(node, 'patternProperties', { [random.pick(hostilePatterns)]: {} });
  },
  function addType(node, key, random) {
    set(node, random.pick(['type', 'format', 'nullable', 'required', 'enum', 'const', 'minimum', 'exclusiveMinimum', 'multipleOf', 'minLength', 'maxItems', 'default', 'discriminator', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'contains', 'dependentSchemas', 'if', 'not']), random.chance(0.5) ? random.pick(hostileTypes) : hostileValue(random));
  },
  function addServer(node, key, random) {
    set(node, 'servers', [{ url: random.pick(hostileUrls), variables: random.chance(0.5) ? { host: hostileValue(random) } : hostileValue(random) }]);
    if (random.chance(0.3)) set(node, random.pick(['host', 'basePath', '$self']), random.pick(hostileUrls));
  },
  function addParameter(node, key, random) {
    const place = random.pick(['path', 'query', 'header', 'cookie', 'querystring', 'formData', 'body', hostileValue(random, 0)]);
    const parameter = { name: random.chance(0.5) ? random.pick(hostileKeys) : 'id', in: place, style: random.pick(['form', 'simple', 'label', 'matrix', 'deepObject', 'spaceDelimited', 'pipeDelimited', 'cookie', 7]), explode: random.chance(0.5), allowReserved: random.chance(0.5), schema: random.pick([{ type: 'array', items: { type: 'string' } }, { type: 'object', additionalProperties: true }, { type: 'string' }, true, null]) };
    if (Array.isArray(node.parameters)) node.parameters.push(parameter);
    else set(node, 'parameters', [parameter]);
  },
  function addBody(node, key, random) {
    const type = random.pick(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/mixed', 'application/octet-stream', 'image/*', 'text/plain', 'application/xml', 'application/x-ndjson', '*/*', 'x', '', 'a/b\r\nX: 1', 'application/json; charset=utf-16']);
    const schema = random.pick([{ type: 'object', properties: { a: { type: 'string', format: 'binary' }, b: { type: 'array', items: { type: 'object' } }, __proto__x: true } }, { $ref: '#/components/schemas/Node' }, true, {}, null, { type: 'array' }, { oneOf: [{}, { type: 'object' }] }]);
    set(node, 'requestBody', { required: random.chance(0.5), content: { [type]: { schema, encoding: { a: { contentType: random.pick(['image/png', 'x\r\ny: z', 3]), headers: { 'X-A': hostileValue(random) }, style: random.pick(['deepObject', 'form', 'nope']) } } } } });
  },
];

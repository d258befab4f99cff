/** Names and values that documents and callers have used against parsers, in the order of nothing in particular. */
const lone = '\ud800';

export const hostileKeys = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '$ref', '$id', 'id', '$schema', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$defs',
  '', ' ', '.', '..', '/', '~', '~1', '%2e%2e', 'a/b', '\u0000', '\r\nX: 1', lone, '\u202e', '\u200b', '🙂'.repeat(20), 'x'.repeat(300), 'x-mcp', 'type', 'properties', 'required', 'items',
  '200', '2XX', 'default', '{', '{}', '{id}', '/{id}', '/{id}/{id}', '/{a}{b}', '/..', '/%2e%2e/{x}', '//evil.test/{x}', '/x?y={z}', '/x#y', 'get', 'query', 'additionalOperations',
];

export const hostilePatterns = ['^(a+)+$', '(?<=a)b', '\\A\\Z', '(?P<n>a)', '[', '(', '*', 'a{1000000}', '(a{1000}){1000}', '\\p{L}+', '\\u{110000}', '(?i)x', '\\1', '^(?:(a|a)*)*$', lone];

export const hostileUrls = [
  'http://169.254.169.254/', 'file:///etc/passwd', '//evil.test', '../..', 'javascript:alert(1)', 'http://[::1', 'http://a b/', 'https://{host}/x', 'https://u:p@h/x', 'https://h/../x/', 'https://h//x//', 'https://h/%2e%2e/', '', '/', '?q', '#f', 'http://h:99999/', 'https://h/\r\nx',
];

export const hostileRefs = [
  '#', '#/', '#/paths', '#/components/schemas', '#/components/schemas/__proto__', '#/__proto__', '#/constructor/prototype', '#/a/%ZZ', '#/~2', '#/paths/~1/get', 'http://127.0.0.1:1/x.json#/a', 'file:///etc/passwd',
  '//evil.test/x', '../x.yaml', '#anchor', '', ' ', '#/components/schemas/' + 'x/'.repeat(500), '#/definitions/Node', '#/components/schemas/Node', '#/openapi', '#/info/title', '#/paths/0/1/2',
];

export const hostileTypes = ['file', 'any', 'String', 'null', 'integer', 'object', 'array', ['string', 'null'], [], ['object', 'array', 3], {}, null, true, 'number, string', lone];

export const hostileScalars = [
  null, true, false, 0, -1, -0, 1.5, 1e308, -1e308, 2 ** 53, 5e-324, '', ' ', 'a', '0', '-1', 'true', 'null', '[]', '{}', '{"a":1}', '\u0000', '\r\nX-Injected: 1', lone, '\udc00x', '\u202eabc', '\u{e0041}', '../..', '..%2f..',
  '%2e%2e', 'x'.repeat(100_000), '{'.repeat(5_000), '9'.repeat(400), '{{{{', '${x}', '{x', '\u2028', '1e400', 'application/json', 'multipart/form-data', 'text/plain; charset=utf-16', 'image/*', '*/*', 'a/b; c="\r\n"',
];

/** A value of any JSON kind, at most `depth` levels deep. */
export function hostileValue(random, depth = 3) {
  const kind = random.below(depth > 0 ? 5 : 3);
  if (kind < 3) return random.pick(hostileScalars);
  if (kind === 3) return Array.from({ length: random.below(4) }, () => hostileValue(random, depth - 1));
  const object = {};
  for (let count = random.below(4); count > 0; count -= 1) define(object, random.chance(0.5) ? random.pick(hostileKeys) : 'k' + count, hostileValue(random, depth - 1));
  return object;
}

/** An own member whatever its name. */
export function define(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

import { hostileValue } from './hostile-values.mjs';

const types = [
  'application/json', 'application/problem+json', 'text/plain', 'text/html; charset=iso-8859-1', 'image/png', 'audio/mpeg', 'application/pdf', 'application/x-ndjson', 'text/event-stream', 'application/json; charset=utf-16', 'application/xml', '', 'x', ';;;', 'text/plain; charset="nope"',
  'application/octet-stream', 'multipart/mixed; boundary=', undefined,
];
const projections = ['$', '$.a', '$..*', '$.items[*].id', "$['__proto__']", '$[?@.a > 1]', '$[?match(@.a, "(a+)+$")]', '$[', '$[?search(@, "[")]', '$[-1:0:0]', '', 'a', '$..[?@..a]', `$${'..a'.repeat(30)}`, '$[?length(@) == value(@)]'];

export const makeProjection = (random) => random.pick(projections);

/** An upstream's answer: any status, any declared type, any bytes. */
export function makeAnswer(random) {
  return {
    status: random.pick([200, 200, 200, 201, 204, 206, 301, 304, 400, 404, 422, 500, 503, 599]),
    headers: { 'content-type': random.chance(0.05) ? ['text/plain', 'x'] : random.pick(types), ...(random.chance(0.2) ? { link: random.pick(['<x>; rel="next"', '<'.repeat(5_000), ',;=']) } : {}) },
    body: makeBytes(random),
    ...(random.chance(0.2) ? { isPartial: true } : {}),
  };
}

export function makeLimits(random) {
  return { maxText: random.pick([0, 1, 10, 100, 5_000, 100_000]), maxBinary: random.pick([0, 10, 5_000_000]), paging: random.chance(0.5) ? ['page'] : [] };
}

function makeBytes(random) {
  const kind = random.below(8);
  if (kind === 0) return Buffer.alloc(0);
  if (kind === 1) return Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)));
  const text = makeText(random);
  if (kind === 2) return Buffer.from(text).subarray(0, random.below(text.length + 1));
  if (kind === 3) return Buffer.from(`\ufeff${text}`, 'utf16le');
  return Buffer.from(text);
}

function makeText(random) {
  const kind = random.below(6);
  if (kind === 0) return '['.repeat(random.pick([10, 1_000, 50_000])) + ']'.repeat(random.pick([10, 1_000, 50_000]));
  if (kind === 1) return JSON.stringify(Array.from({ length: random.pick([3, 2_000]) }, (_, id) => ({ id, name: 'é\\"'.repeat(random.below(5)), a: hostileValue(random, 1) })));
  if (kind === 2) return `{"n":${'9'.repeat(random.pick([3, 20, 400]))},"d":0.${'1'.repeat(40)},"e":1e400}`;
  if (kind === 3) return '{"a":1}\n'.repeat(random.below(200));
  return JSON.stringify(hostileValue(random, 4));
}

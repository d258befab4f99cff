/** YAML and JSON that costs far more than its size. */
export const bombs = [
  // Aliases of aliases: nine levels of nine.
  `openapi: 3.1.0\ninfo: {title: x, version: '1'}\nx-a: &a [x,x,x,x,x,x,x,x,x]\n${'abcdefgh'.split('').map((name, index) => `x-${'bcdefghi'[index]}: &${'bcdefghi'[index]} [${Array(9).fill(`*${name}`).join(',')}]`).join('\n')}\npaths: {}\n`,
  `${'['.repeat(20_000)}`,
  `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  `openapi: 3.0.3\ninfo: &i {title: x, version: 1, x: *i}\npaths: {}\n`,
  `openapi: 3.0.3\npaths:\n  <<: [&a {x: 1}, *a, *a]\n  /a: &p\n    get: {responses: {}}\n  /b: *p\n`,
  `openapi: 3.0.3\n${'- '.repeat(5_000)}x\n`,
  `openapi: 3.0.3\npaths: {/a: {get: {parameters: [{name: q, in: query, schema: {minimum: 1e400, default: .nan, enum: [.inf, 0x10, 0o7, 2020-01-01, !!binary aGk=]}}]}}}\n`,
  `%YAML 1.2\n---\n!!js/function "x"\n`,
  `openapi: "3.0.3"\n"paths": ${'{?'.repeat(3_000)}\n`,
];

const splices = ['"', '{', '}', '[', ']', ',', ':', '\n', '\t', '\u0000', '&a ', '*a ', '<<: ', '!!', '|\n', '- ', '? ', '\\u0000', '\\ud800', '\ufeff', '1e999', '#', '---\n', '%'];

/** Flips, cuts, repeats and inserts bytes. */
export function mutateBytes(text, random, count) {
  let bytes = Buffer.from(text);
  for (let turn = 0; turn < count && bytes.length > 0; turn += 1) {
    const at = random.below(bytes.length);
    const kind = random.below(5);
    if (kind === 0) bytes[at] ^= 1 << random.below(8);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.below(random.pick([4, 200, 20_000]))))]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(splices)), bytes.subarray(at)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + random.below(500)), bytes.subarray(at)]);
    else bytes = bytes.subarray(0, random.chance(0.3) ? at : bytes.length);
  }
  return bytes;
}

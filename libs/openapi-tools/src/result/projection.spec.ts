import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { compileProjection, ProjectionError } from './projection.js';
import { shapeResult } from './shape-result.js';

const answer = (body: string, status = 200, type = 'application/json') => ({ status, headers: { 'content-type': type }, body: Buffer.from(body) });
const secret = 'iban-of-somebody';

describe('R08: a projection fails closed', () => {
  const projection = compileProjection('$.items[*].id');

  it('shows only what it selects, with every digit', () => {
    const result = shapeResult(answer(`{"items":[{"id":9007199254740993,"iban":"${secret}"},{"id":2}]}`), { projection });
    expect(result).toEqual({ content: [{ type: 'text', text: '[9007199254740993,2]' }], structuredJson: '{"result":[9007199254740993,2]}', isError: false });
  });

  it('a singular query gives the value itself', () => {
    const result = shapeResult(answer('{"order":{"id":1},"x":2}'), { projection: compileProjection('$.order') });
    expect(result).toEqual({ content: [{ type: 'text', text: '{"id":1}' }], structuredJson: '{"id":1}', isError: false });
  });

  it.each<[string, ReturnType<typeof answer>]>([
    ['nothing matches', answer(`{"other":"${secret}"}`)],
    ['the answer is no JSON', answer(secret, 200, 'text/plain')],
    ['the JSON is broken', answer(`{"items":[{"id":1}],"x":"${secret}"`)],
    ['the answer is a scalar', answer(`"${secret}"`)],
    ['the answer is bytes', answer(secret, 200, 'image/png')],
    ['the answer is empty', answer('', 204)],
    ['the answer is an error', answer(`{"detail":"${secret}","items":[{"id":1}]}`, 422)],
    ['the error is a page', answer(`<p>${secret}`, 500, 'text/html')],
  ])('when %s, an error without the answer', (_, response) => {
    const result = shapeResult(response, { projection });
    expect(result.isError).toBe(true);
    expect(result.structuredJson).toBeUndefined();
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(JSON.stringify(result)).toContain('$.items[*].id');
  });

  it.each(['', 'items', '$.items[', '$.items[?(@.a = 1)]', '$['])('%j is refused before any call', (path) => {
    expect(() => compileProjection(path)).toThrow(ProjectionError);
  });

  it.each([
    ['nested deeper than a path is walked', '$..[?@..a]', `${'['.repeat(5_000)}"${secret}"${']'.repeat(5_000)}`],
    ['made to make a pattern backtrack', '$[?match(@.a, "(a+)+$")]', JSON.stringify([{ a: `${'a'.repeat(40)}!`, secret }])],
  ])('an answer %s is withheld at once', (_, path, body) => {
    const started = threadTime();
    const result = shapeResult(answer(body), { projection: compileProjection(path) });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain(secret);
    expect(threadTime() - started).toBeLessThan(1_000);
  });
});

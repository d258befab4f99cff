import { describe, expect, it } from '@jest/globals';
import { parseForSchema } from './argument-coercion.js';

const wants = (type: string, instancePath: string) => [{ keyword: 'type', instancePath, params: { type } }];

describe('argument coercion', () => {
  it('W16: digits beyond 2^53 that were given as text become an integer with all of them', () => {
    expect(parseForSchema(wants('integer', '/id'), { id: '12345678901234567890' })?.value).toBe(12345678901234567890n);
  });

  it('a text given for a file is its data, at the argument or in its array, and nowhere else', () => {
    const files = ([name = '', ...deeper]: readonly string[]) => deeper.length <= 1 && ['file', 'files'].includes(name);
    expect(parseForSchema(wants('object', '/file'), { file: 'aGk=' }, files)?.value).toEqual({ data: 'aGk=' });
    expect(parseForSchema(wants('object', '/files/1'), { files: [{ data: '' }, 'aGk='] }, files)?.value).toEqual({ data: 'aGk=' });
    expect(parseForSchema(wants('object', '/file'), { file: '{"data":"aGk="}' }, files)?.value).toEqual({ data: 'aGk=' });
    expect(parseForSchema(wants('object', '/other'), { other: 'aGk=' }, files)).toBeUndefined();
    expect(parseForSchema([{ keyword: 'pattern', instancePath: '/file', params: {} }], { file: 'aGk=' }, files)).toBeUndefined();
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { createJsonSchema } from '../config/json-schema.js';
import { runCommand } from './command-line.js';

describe('gatehouse schema', () => {
  it('prints the JSON Schema of the configuration', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(await runCommand(['schema'], {})).toBe(0);
    expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toEqual(JSON.parse(JSON.stringify(createJsonSchema())));
    log.mockRestore();
  });

  it('takes no arguments', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await runCommand(['schema', 'more'], {})).toBe(2);
    error.mockRestore();
  });
});

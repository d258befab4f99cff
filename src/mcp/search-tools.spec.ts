import { describe, expect, it } from '@jest/globals';
import { clientProfileNames } from '@gatehouse-mcp/openapi-tools';
import { listSearchTools, readSearchArguments, readToolCall } from './search-tools.js';

describe('a call of call_tool', () => {
  it('is one of the tool that it names', () => {
    expect(readToolCall('call_tool', { name: 'orders_list', arguments: { id: 1 } })).toEqual({ kind: 'call', wanted: { tool: 'orders_list', arguments: { id: 1 }, isNamedInSearch: true } });
    expect(readToolCall('call_tool', { name: 'orders_list' })).toMatchObject({ kind: 'call', wanted: { arguments: {} } });
  });

  it('takes arguments as JSON text, with all their digits', () => {
    expect(readToolCall('call_tool', { name: 'x', arguments: '{"id": 9007199254740993}' })).toMatchObject({ kind: 'call', wanted: { arguments: { id: 9_007_199_254_740_993n } } });
  });

  it.each([[undefined], [{}], [{ name: 7 }], [{ name: 'x', arguments: [] }], [{ name: 'x', arguments: 'no JSON' }], [{ name: 'x', arguments: '"{}"' }], [{ name: 'x', arguments: 7 }], [{ name: 'x', other: 1 }]])('is refused with %j', (args) => {
    expect(readToolCall('call_tool', args).kind).toBe('refused');
  });

  it.each([
    ['nested', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`],
    ['nested around an exact integer', `{"a":${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}}`],
    ['of many members', `{${Array.from({ length: 30_000 }, (_, n) => `"k${n}":1`).join(',')}}`],
  ])('is refused with a text that a message itself may not be: %s', (_, text) => {
    expect(readToolCall('call_tool', { name: 'x', arguments: text }).kind).toBe('refused');
  });

  it('of itself or of the search is a call of a tool that there is not', () => {
    for (const name of ['call_tool', 'search_tools', 'describe_tool']) expect(readToolCall('call_tool', { name, arguments: { name: 'x' } })).toMatchObject({ kind: 'call', wanted: { tool: name } });
  });
});

describe('the arguments of search_tools', () => {
  it('are a query, and a number that may be a text', () => {
    expect(readSearchArguments({ query: 'x' })).toEqual({ ok: true, value: { query: 'x', limit: 10 } });
    expect(readSearchArguments({ query: 'x', limit: '5' })).toMatchObject({ value: { limit: 5 } });
  });

  it.each([[undefined], [{}], [{ query: '' }], [{ query: 'x'.repeat(501) }], [{ query: 'x', limit: 0 }], [{ query: 'x', limit: 51 }], [{ query: 'x', limit: 1.5 }], [{ query: 'x', limit: 2n ** 60n }], [{ query: 'x', more: 1 }]])('are not %p', (args) => {
    const read = readSearchArguments(args);
    expect(read.ok).toBe(false);
    expect(read).toMatchObject({ message: expect.stringMatching(/./) });
  });
});

describe('the tools of the search', () => {
  interface Shown {
    readonly name: string;
    readonly inputSchema: Record<string, unknown>;
    readonly annotations: { readonly readOnlyHint: boolean };
  }
  const shown = (profile: string | undefined) => JSON.parse(listSearchTools(profile)) as Shown[];

  it('say no more than each profile takes', () => {
    for (const profile of clientProfileNames) expect(shown(profile).map(({ name, inputSchema }) => [name, inputSchema['type']])).toEqual(['search_tools', 'describe_tool', 'call_tool'].map((name) => [name, 'object']));
    expect(listSearchTools('gemini')).not.toContain('additionalProperties');
    expect(listSearchTools('gemini')).not.toContain('default');
    expect(shown(undefined).map(({ inputSchema }) => inputSchema['additionalProperties'])).toEqual([false, false, false]);
  });

  it('say that only a call may change something', () => {
    expect(shown(undefined).map(({ annotations }) => annotations.readOnlyHint)).toEqual([true, true, false]);
  });
});

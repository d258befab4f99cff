import { describe, expect, it } from '@jest/globals';
import { toToolResult } from './server.result.js';

const read = (result: Record<string, unknown>, maxTokens = 1_000) => toToolResult('MCP server "x"', result as never, maxTokens);

describe('a result of another server', () => {
  it('has all of MCP\'s content types as they came', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'x:1', text: 'b' } },
      { type: 'resource', resource: { uri: 'x:2', blob: 'AAAA' } },
      { type: 'resource_link', uri: 'x:3', name: 'c' },
    ];
    expect(read({ content, isError: true })).toEqual({ content, isError: true });
  });

  it('keeps the digits of its structured content', () => {
    expect(read({ content: [], structuredContent: { n: 12345678901234567890n } }).structuredJson).toBe('{"n":12345678901234567890}');
  });

  it('is cut at its texts, which say so, and refused where its structure is too large', () => {
    const { content } = read({ content: [{ type: 'text', text: 'x'.repeat(3_990) }, { type: 'text', text: 'y'.repeat(100) }] });
    expect(content[1]).toEqual({ type: 'text', text: `${'y'.repeat(10)}\n[cut: 10 of 100 characters are shown]` });
    expect(() => read({ content: [], structuredContent: { text: 'x'.repeat(5_000) } })).toThrow('sent structured content of 5011 characters, and 4000 are taken');
  });

  it.each([[{ content: 'x' }], [{ content: [5] }], [{ content: [{ type: 'script', text: 'x' }] }], [{ content: [{ type: '__proto__' }] }], [{ content: [{ type: 'text', text: 5 }] }], [{ content: [{ type: 'resource', resource: { uri: 'x' } }] }], [{ content: Array.from({ length: 1_001 }, () => ({ type: 'text', text: '' })) }]])('that is none is refused: %j', (result) => {
    expect(() => read(result)).toThrow('sent a result that is none of MCP\'s');
  });

  it.each([[{ resultType: 'input_required' }], [{ inputRequests: { a: {} } }]])('that asks for something is refused: %j', (result) => {
    expect(() => read(result)).toThrow('asks its user for something');
  });
});

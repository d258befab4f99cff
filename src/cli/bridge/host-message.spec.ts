import { describe, expect, it } from '@jest/globals';
import { modernHeaders, readHostMessage } from './host-message.js';

const modern = (method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } });

describe('a message of the host', () => {
  it('keeps the digits of an id beyond 2^53', () => {
    expect(readHostMessage('{"jsonrpc":"2.0","id":9007199254740993,"method":"x"}')).toMatchObject({ id: '9007199254740993' });
    expect(readHostMessage('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9007199254740993}}')).toMatchObject({ id: undefined, cancels: '9007199254740993' });
  });

  it.each(['[]', '{}', '1', 'null', '{"jsonrpc":"1.0","id":1,"method":"x"}', '{"jsonrpc":"2.0","id":1}', '{"jsonrpc":"2.0","id":null,"method":"x"}', '{"jsonrpc":"2.0","id":{},"method":"x"}', '{"jsonrpc":"2.0","method":5}'])(
    '%s is none',
    (text) => expect(readHostMessage(text)).toBeUndefined(),
  );

  it('is told from a response, which wants no answer', () => {
    expect(readHostMessage('{"jsonrpc":"2.0","id":1,"result":{}}')).toMatchObject({ id: undefined, method: undefined });
  });

  it('of the modern era owes headers that agree with it', () => {
    const read = (text: string) => modernHeaders(readHostMessage(text)!);
    expect(read(modern('tools/call', { name: 'a_b' }))).toEqual({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'a_b' });
    expect(read(modern('resources/read', { uri: 'x://é' }))).toMatchObject({ 'mcp-name': `=?base64?${Buffer.from('x://é').toString('base64')}?=` });
    for (const name of [' a', 'a ', 'a\nb', '=?base64?YQ==?=']) expect(read(modern('prompts/get', { name }))['mcp-name']).toBe(`=?base64?${Buffer.from(name).toString('base64')}?=`);
    expect(read(modern('tools/list'))).toEqual({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' });
    expect(read('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}')).toEqual({});
  });
});

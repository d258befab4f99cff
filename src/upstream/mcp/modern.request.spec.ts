import { describe, expect, it } from '@jest/globals';
import { modernHeaders, modernRequest } from './modern.request.js';

describe('a modern request', () => {
  it('says its revision and that nothing can be asked of who sends it', () => {
    expect(modernRequest('1', 'tools/call', { name: 'x' }, 'token')).toEqual({
      jsonrpc: '2.0',
      id: '1',
      method: 'tools/call',
      params: { name: 'x', _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': expect.objectContaining({ name: 'gatehouse' }), 'io.modelcontextprotocol/clientCapabilities': {}, progressToken: 'token' } },
    });
  });

  it('repeats its body in its headers, so that none can be split', () => {
    expect(modernHeaders('resources/read', { uri: 'wiki://x' })).toEqual({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'resources/read', 'mcp-name': 'wiki://x' });
    expect(modernHeaders('resources/read', { uri: 'a\r\nx: 1' })['mcp-name']).toMatch(/^=\?base64\?[A-Za-z0-9+/=]+\?=$/);
    expect(modernHeaders('resources/read', { uri: ' é' })['mcp-name']).toBe(`=?base64?${Buffer.from(' é').toString('base64')}?=`);
  });

  it('has arguments in headers where the schema wants them there, under its own prefix', () => {
    const inputSchema = { properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, deep: { properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } }, bad: { 'x-mcp-header': 'a: b' }, list: { 'x-mcp-header': 'List' } } };
    const headers = modernHeaders('tools/call', { name: 't', arguments: { region: 'eu\n', deep: { n: 5 }, bad: 'x', list: [1] } }, inputSchema);
    expect(headers).toEqual({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 't', 'mcp-param-region': '=?base64?ZXUK?=', 'mcp-param-n': '5' });
  });
});

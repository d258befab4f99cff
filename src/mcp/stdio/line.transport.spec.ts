import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { LineTransport } from './line.transport.js';

/** The messages of a host that wrote these chunks and then closed its side, and what it was told. */
async function receive(...chunks: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const messages: JSONRPCMessage[] = [];
  const transport = Object.assign(new LineTransport(input, output), { onmessage: (message: JSONRPCMessage) => void messages.push(message) });
  await transport.start();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  await transport.ended;
  output.end();
  return { messages, told: Buffer.concat(await output.toArray()).toString() };
}

const call = (text: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"text":"${text}"}}}`;

describe('a message on a line', () => {
  it.each([['U+2028', 'a\u2028b'], ['U+2029', 'a\u2029b'], ['U+0085', 'a\u0085b']])('may hold %s, which JSON does not escape', async (_, text) => {
    const { messages, told } = await receive(`${call(text)}\n`);
    expect(told).toBe('');
    expect(messages).toMatchObject([{ params: { arguments: { text } } }]);
  });

  it('ends with LF, CRLF or the stream', async () => {
    const { messages } = await receive(`${call('1')}\r\n${call('2').slice(0, 20)}`, `${call('2').slice(20)}\n\n`, call('3'));
    expect(messages).toMatchObject(['1', '2', '3'].map((text) => ({ params: { arguments: { text } } })));
  });

  it('that is none is answered, and the next one is served', async () => {
    const { messages, told } = await receive('{\n[]\n', call('1'));
    expect(told.trim().split('\n').map((line) => JSON.parse(line).error.code)).toEqual([-32700, -32600]);
    expect(messages).toHaveLength(1);
  });
});

describe('the transport', () => {
  it.each([
    ['an input that breaks off', (input: PassThrough) => void input.destroy()],
    ['its own close', (_: PassThrough, transport: LineTransport) => void transport.close()],
  ])('ends with %s', async (_, end) => {
    const input = new PassThrough();
    let closes = 0;
    const transport = Object.assign(new LineTransport(input, new PassThrough()), { onclose: () => void (closes += 1) });
    await transport.start();
    end(input, transport);
    await transport.ended;
    expect([closes, input.destroyed]).toEqual([1, true]);
  });
});

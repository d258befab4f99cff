import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInProcessExchange } from './in-process.exchange.js';
import { StdioBridge } from './stdio.bridge.js';

interface Seen {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}';
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';

let server: Server;
let input: PassThrough;
let output: string;
let reports: string[];
let seen: Seen[];
let answer: (seen: Seen) => void;
let served: Promise<void>;
let ending: AbortController;

beforeEach(() => {
  seen = [];
  output = '';
  reports = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const all = { request, response, body };
      seen.push(all);
      answer(all);
    });
  });
  input = new PassThrough();
  ending = new AbortController();
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => (output += chunk.toString()));
  served = new StdioBridge(createInProcessExchange(server, 'http://mcp.example', undefined), sink, (line) => reports.push(line)).serve(input, ending.signal);
});
afterEach(async () => {
  ending.abort();
  await served;
});

const send = (...lines: string[]) => input.write(lines.map((line) => `${line}\n`).join(''));
const lines = () => output.split('\n').slice(0, -1);
const json = (response: ServerResponse, text: string, status = 200, headers: Record<string, string> = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);

async function until(isThere: () => boolean): Promise<void> {
  const limit = Date.now() + 5_000;
  while (!isThere()) {
    if (Date.now() > limit) throw new Error(`not in time: ${output} ${reports.join('\n')} ${seen.map(({ body }) => body).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A legacy server with sessions; what comes after the handshake is `next`'s. */
const legacy =
  (next: (seen: Seen) => void) =>
  (all: Seen): void => {
    const { body, request, response } = all;
    if (body.includes('"initialize"')) json(response, '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}}', 200, { 'mcp-session-id': 's-1' });
    else if (request.method === 'DELETE') response.writeHead(405).end();
    else if (request.method === 'POST' && !body.includes('"id"')) response.writeHead(202).end();
    else next(all);
  };

describe('the bridge between stdio and HTTP', () => {
  it('passes the text of both sides, and knows a modern request by its claim', async () => {
    const request = `{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"t","arguments":{"n":1.10},${META}}}`;
    answer = ({ response }) => json(response, '{"jsonrpc":"2.0","id":9007199254740993,\n"result":{"n":12345678901234567890}}');
    send(request);
    await until(() => lines().length === 1);
    expect(output).toBe('{"jsonrpc":"2.0","id":9007199254740993, "result":{"n":12345678901234567890}}\n');
    expect(seen[0]).toMatchObject({ body: request });
    expect(seen[0]?.request.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 't', host: 'mcp.example', 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
  });

  it('holds everything back until a legacy server has said in which session it goes, and ends that session', async () => {
    let greet = (): void => undefined;
    const first = legacy(({ response }) => json(response, '{"jsonrpc":"2.0","id":1,"result":{}}'));
    answer = (all) => {
      if (all.body === INITIALIZE) greet = () => first(all);
      else first(all);
    };
    send(INITIALIZE, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    await until(() => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(1);
    greet();
    await until(() => lines().length === 2);
    expect(seen[0]?.request.headers['mcp-session-id']).toBeUndefined();
    expect(seen[1]?.request.headers).toMatchObject({ 'mcp-session-id': 's-1', 'mcp-protocol-version': '2025-06-18' });
    input.end();
    await served;
    expect(seen.at(-1)?.request).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 's-1' } });
  });

  it('passes what a server sends on the way, its requests too, and the host\'s answers to them', async () => {
    answer = legacy(({ response, body }) => {
      if (!body.includes('tools/call')) return void response.writeHead(405).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n');
      response.write('data: {"jsonrpc":"2.0","id":77,\ndata: "method":"elicitation/create"}\n\n');
      setTimeout(() => response.end('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'), 20);
    });
    send(INITIALIZE, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    await until(() => lines().length === 4);
    expect(lines().slice(1)).toEqual(['{"jsonrpc":"2.0","method":"notifications/progress","params":{}}', '{"jsonrpc":"2.0","id":77, "method":"elicitation/create"}', '{"jsonrpc":"2.0","id":1,"result":{}}']);
    const said = '{"jsonrpc":"2.0","id":77,"result":{"action":"accept"}}';
    answer = ({ response }) => response.writeHead(202).end();
    send(said);
    await until(() => seen.at(-1)?.body === said);
  });

  it('opens the stream of a legacy server, and goes on where it was cut', async () => {
    const streams: Seen[] = [];
    answer = legacy((all) => {
      streams.push(all);
      all.response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`retry: 10\nid: e${streams.length}\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n`);
      if (streams.length === 1) all.response.end();
    });
    send(INITIALIZE, INITIALIZED);
    await until(() => streams.length === 2 && lines().length === 3);
    expect(streams.map(({ request }) => [request.method, request.headers['last-event-id'], request.headers['mcp-session-id']])).toEqual([['GET', undefined, 's-1'], ['GET', 'e1', 's-1']]);
  });

  it('takes a server\'s word that it has no such stream', async () => {
    answer = legacy(({ response }) => response.writeHead(405).end());
    send(INITIALIZE, INITIALIZED);
    await until(() => seen.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([seen.length, reports]).toEqual([3, []]);
  });

  it('cancels a modern request by ending its connection, and says nothing more of it', async () => {
    let isClosed = false;
    answer = ({ response }) => response.once('close', () => (isClosed = true));
    send(`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"t",${META}}}`);
    await until(() => seen.length === 1);
    send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}');
    await until(() => isClosed);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([seen.length, output]).toEqual([1, '']);
  });

  it('cancels a legacy request by the host\'s own notification', async () => {
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}';
    answer = legacy(() => undefined);
    send(INITIALIZE, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}');
    await until(() => seen.length === 2);
    send(cancel);
    await until(() => seen.at(-1)?.body === cancel);
    expect(seen.at(-1)?.request.headers['mcp-session-id']).toBe('s-1');
  });

  it.each([
    ['no JSON', '{"jsonrpc":', -32700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
    ['no message', '{"hello":1}', -32600],
  ])('answers %s itself', async (_, line, code) => {
    send(line);
    await until(() => lines().length === 1);
    expect(JSON.parse(output)).toMatchObject({ id: null, error: { code } });
    expect(seen).toHaveLength(0);
  });

  it.each<[string, (seen: Seen) => unknown, RegExp]>([
    ['a stream that ends too early', ({ response }) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n'), /ended the stream before it answered/],
    ['a page', ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /200 with text\/html, which is no MCP/],
    ['a refusal', ({ response }) => json(response, '{"error":"rate_limited","error_description":"too many"}', 429), /429: too many/],
    ['a cut connection', ({ response }) => response.destroy(), /socket hang up|ECONNRESET|aborted/],
    ['an event that is no message', ({ response }) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 5\n\n'), /no JSON-RPC message/],
  ])('tells the host of %s', async (_, act, message) => {
    answer = act;
    send('{"jsonrpc":"2.0","id":5,"method":"tools/list"}');
    await until(() => lines().length === 1);
    expect(JSON.parse(output)).toMatchObject({ id: 5, error: { code: -32603, message: expect.stringMatching(message) } });
  });

  it('lets what was asked be answered when the host has said its last', async () => {
    answer = ({ response }) => setTimeout(() => json(response, '{"jsonrpc":"2.0","id":1,"result":{}}'), 100);
    send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    input.end();
    await served;
    expect(lines()).toHaveLength(1);
  });

  it('reads input of any kind of chunk', async () => {
    answer = ({ response }) => json(response, '{"jsonrpc":"2.0","id":1,"result":{}}');
    const sink = new PassThrough();
    const bridge = new StdioBridge(createInProcessExchange(server, 'http://mcp.example', undefined), sink, () => undefined);
    await bridge.serve(Readable.from([Buffer.from('{"jsonrpc":"2.0","id":1,'), '"method":"ping"}']), new AbortController().signal);
    expect(String(sink.read())).toBe('{"jsonrpc":"2.0","id":1,"result":{}}\n');
  });
});

describe('what is said to people', () => {
  it.each(['\u001b[2J\u001b]0;pwned\u0007', '\u009b2J', 'a\rb\nc', '\u202egro.live', 'a\u2028b', '\u200bx'])('has nothing that a terminal takes for a command, or shows in another order: %j', async (said) => {
    const failing = new StdioBridge(async () => Promise.reject(new Error(`it said ${said}.`)), new PassThrough().resume(), (line) => reports.push(line));
    await failing.serve(Readable.from([`${INITIALIZE}\n`]), ending.signal);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(/^it said [^\p{Cc}\p{Cf}\u2028\u2029]*\.$/u);
  });
});

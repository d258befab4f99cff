import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Events } from '../tools/events.js';
import { startGateway, type JsonRpcMessage, type TestGateway } from '../tools/gateway.js';
import { modernRequest } from '../tools/modern.js';
import { forgeLink } from '../tools/resource-links.js';

let gateway: TestGateway;
/** Lets the API answer. */
let release = () => {};
let reached = Promise.resolve();

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['toolsets'] = [{ name: 'reading', tenant: 'acme', include: ['items.get*'] }];
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  let reach = () => {};
  reached = new Promise((resolve) => (reach = resolve));
  const answer = new Promise<object>((resolve) => (release = () => resolve({ body: '{\n "late": true\r\n}' })));
  gateway.upstream.answerWith(async () => {
    reach();
    return answer;
  });
});

const call = (id: string | number, meta?: object) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: '1' }, ...(meta ? { _meta: meta } : {}) } });
const cancel = (requestId: unknown) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'enough' } });
const resultOf = async (response: Promise<Response>) => ((await (await response).json()) as JsonRpcMessage).result;

describe('a call that takes long', () => {
  it('is reported on to a client that asked for it, and its result ends the stream', async () => {
    const { body, headers } = modernRequest(1, 'tools/call', { ...call(1).params, _meta: { progressToken: 'p-1' } });
    for (const response of await Promise.all([gateway.post(body, { token: await gateway.token(), headers }), gateway.post(call(2, { progressToken: 7 }), { token: await gateway.token() })])) {
      const events = new Events(response);
      const first = await events.next(9_000);
      expect(first).toEqual({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: expect.anything(), progress: expect.any(Number), message: 'waiting for items' } });
      expect(['p-1', 7]).toContain(first?.params?.['progressToken']);
      release();
      const last = await events.next();
      // Line breaks of the API's JSON are none of the event's.
      expect(last?.result?.structuredContent).toEqual({ late: true });
      expect(await events.ends()).toBe(true);
    }
  }, 20_000);

  it('gets the result alone where a client asked for no progress, or takes no stream', async () => {
    const token = await gateway.token();
    const plain = gateway.post(call(1), { token });
    const json = gateway.post(call(2, { progressToken: 1 }), { token, headers: { accept: 'application/json' } });
    setTimeout(() => release(), 5_500);
    for (const response of await Promise.all([plain, json])) {
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(((await response.json()) as JsonRpcMessage).result?.structuredContent).toEqual({ late: true });
    }
  }, 20_000);
});

describe('a legacy call that its client cancels', () => {
  it('ends, and its request to the API with it', async () => {
    const token = await gateway.token();
    const answered = resultOf(gateway.post(call('c-1'), { token }));
    await reached;
    const before = gateway.upstream.aborted;
    expect((await gateway.post(cancel('c-1'), { token })).status).toBe(202);
    expect(await answered).toMatchObject({ isError: true });
    expect(gateway.upstream.aborted).toBe(before + 1);
  });

  it('ends also where it is the reading of a linked answer, which is reported on like a call', async () => {
    const token = await gateway.token();
    const read = { jsonrpc: '2.0', id: 'r-1', method: 'resources/read', params: { uri: forgeLink('items_getItem', { id: '1' }), _meta: { progressToken: 'p-r' } } };
    const events = new Events(await gateway.post(read, { token }));
    expect(await events.next(9_000)).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p-r', message: 'waiting for items' } });
    const before = gateway.upstream.aborted;
    expect((await gateway.post(cancel('r-1'), { token })).status).toBe(202);
    expect(await events.next()).toMatchObject({ id: 'r-1', error: { code: -32603 } });
    expect(gateway.upstream.aborted).toBe(before + 1);
  }, 20_000);

  it.each([
    ['another user', { sub: 'mallory' }, 5],
    ['another client of the user', { client_id: 'other' }, 5],
    ['another tenant', { tenant: 'globex' }, 5],
    ['an id that only looks like it', {}, '5'],
    ['no id', {}, undefined],
  ])('goes on when it is named by %s', async (_, claims, id) => {
    const answered = resultOf(gateway.post(call(5), { token: await gateway.token() }));
    await reached;
    expect((await gateway.post(cancel(id), { token: await gateway.token(claims) })).status).toBe(202);
    release();
    expect((await answered)?.structuredContent).toEqual({ late: true });
  });

  it('goes on when its id is cancelled at another address, where another one of the client may have it', async () => {
    const answered = resultOf(gateway.post(call(6), { token: await gateway.token() }));
    await reached;
    const path = '/mcp/sets/reading';
    expect((await gateway.post(cancel(6), { token: await gateway.token({ aud: gateway.url + path }), path })).status).toBe(202);
    release();
    expect((await answered)?.structuredContent).toEqual({ late: true });
  });

  it('goes on when two have its id, as two programs of one user may', async () => {
    const token = await gateway.token();
    const answered = [1, 2].map(() => resultOf(gateway.post(call(1), { token })));
    await reached;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await gateway.post(cancel(1), { token });
    release();
    for (const result of await Promise.all(answered)) expect(result?.structuredContent).toEqual({ late: true });
    // Both have ended: the id is free again.
    const again = resultOf(gateway.post(call(1), { token }));
    expect((await again)?.structuredContent).toEqual({ late: true });
  });

  it('is told apart from one with its id under another session id, as two programs of one user have', async () => {
    const token = await gateway.token();
    const open = async () => {
      const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } } };
      return { 'mcp-session-id': (await gateway.post(initialize, { token })).headers.get('mcp-session-id') ?? '' };
    };
    const [one, other] = [await open(), await open()];
    const before = gateway.upstream.aborted;
    const goesOn = resultOf(gateway.post(call(1), { token, headers: one }));
    const cancelled = resultOf(gateway.post(call(1), { token, headers: other }));
    await reached;
    await new Promise((resolve) => setTimeout(resolve, 200));
    // A program that names no session has neither call.
    await gateway.post(cancel(1), { token });
    await gateway.post(cancel(1), { token, headers: other });
    expect(await cancelled).toMatchObject({ isError: true });
    expect(gateway.upstream.aborted).toBe(before + 1);
    release();
    expect((await goesOn)?.structuredContent).toEqual({ late: true });
  });

  it('goes on when its client only goes away', async () => {
    const before = gateway.upstream.aborted;
    const gone = new AbortController();
    const request = gateway.post(call(9), { token: await gateway.token(), signal: gone.signal }).catch(() => undefined);
    await reached;
    gone.abort();
    await request;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(gateway.upstream.aborted).toBe(before);
    release();
  });
});

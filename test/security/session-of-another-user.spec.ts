import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['transports'] = { sse: true };
    },
  });
});
afterAll(() => gateway.stop());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

const tokenOf = (claims = {}) => gateway.token({ aud: `${gateway.url}/sse`, ...claims });

interface Session {
  /** Path and query to post to. */
  readonly endpoint: string;
  /** The stream's text so far. */
  text(): Promise<string>;
  close(): Promise<void>;
}

async function open(claims = {}, query = ''): Promise<Session> {
  const response = await fetch(`${gateway.url}/sse${query}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${await tokenOf(claims)}` } });
  const reader = response.body!.getReader();
  let text = '';
  const decoder = new TextDecoder();
  const pump = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += decoder.decode(read.value);
  })().catch(() => undefined);
  const until = Date.now() + 5_000;
  while (!/^data: (.+)$/m.test(text) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    endpoint: /^data: (.+)$/m.exec(text)?.[1] ?? '',
    text: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return text;
    },
    close: async () => {
      await reader.cancel();
      await pump;
    },
  };
}
const post = async (endpoint: string, claims = {}) => (await gateway.post(list, { token: await tokenOf(claims), path: endpoint })).status;

describe('the session of somebody else', () => {
  it('takes no message and shows no answer, whoever knows its id', async () => {
    const alice = await open();
    expect(alice.endpoint).toMatch(/^\/messages\?sessionId=[\w-]{43}$/);
    for (const claims of [{ sub: 'mallory' }, { tenant: 'globex' }]) expect(await post(alice.endpoint, claims)).toBe(404);
    expect(await alice.text()).not.toContain('"tools"');
    // The same user with another token is herself.
    expect(await post(alice.endpoint, { jti: 'another', client_id: 'another' })).toBe(202);
    expect(await alice.text()).toContain('items_getItem');
    await alice.close();
  });

  it('is no credential: a message without a token is refused at the door', async () => {
    const alice = await open();
    expect((await gateway.post(list, { path: alice.endpoint })).status).toBe(401);
    await alice.close();
  });

  it('cannot be chosen beforehand: the id is ours, 256 random bits, and ends with its stream', async () => {
    const alice = await open({}, '?sessionId=chosen');
    expect(alice.endpoint).not.toContain('chosen');
    expect(await post('/messages?sessionId=chosen')).toBe(404);
    const other = await open();
    expect(other.endpoint).not.toBe(alice.endpoint);
    await alice.close();
    const until = Date.now() + 5_000;
    let status = 202;
    while (status !== 404 && Date.now() < until) status = await post(alice.endpoint);
    expect(status).toBe(404);
    await other.close();
  });

  it('is unknown on another replica, which says so', async () => {
    const replica = await gateway.replica();
    const alice = await open();
    const response = await fetch(replica.url + alice.endpoint, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf()}` }, body: JSON.stringify(list) });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('no such session on this replica')]);
    await alice.close();
    await replica.stop();
  });

  it.each(['', '?sessionId=', '?sessionId=a&sessionId=b', '?sessionId[]=x', '?sessionId=__proto__'])('is not found by %j', async (query) => {
    expect(await post(`/messages${query}`)).toBe(404);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['policy'] = { roles: { admin: ['items.deleteItem'] } };
    },
  });
  token = await gateway.token({ sub: 'mallory' });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
});

/** Sends the text as it stands. */
async function send(text: string): Promise<{ status: number; text: string }> {
  const response = await gateway.post(text, { token });
  return { status: response.status, text: await response.text() };
}
const call = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

/** Security attack 22. */
describe('keys that two readers may read differently', () => {
  it.each([
    ['a second name', '{"name":"items_getItem","name":"items_deleteItem","arguments":{"id":"1"}}'],
    ['a second name, with an integer that is read exactly', '{"name":"items_getItem","name":"items_deleteItem","arguments":{"id":"1","n":12345678901234567890}}'],
    ['the names swapped', '{"name":"items_deleteItem","name":"items_getItem","arguments":{"id":"../x"}}'],
    ['a name that differs in case', '{"name":"items_getItem","Name":"items_deleteItem","arguments":{"id":"..","ID":"1"}}'],
  ])('reach no reserved operation and no other path: %s', async (_, params) => {
    const { status } = await send(call(params));
    expect([200, 400]).toContain(status);
    expect(gateway.upstream.requests.filter(({ method, path }) => method === 'DELETE' || !path.startsWith('/v1/items/'))).toEqual([]);
  });

  it('give the arguments of the parameters that are judged', async () => {
    const exact = '12345678901234567890';
    await send(call(`{"name":"items_getItem","arguments":{"id":"first ${exact}"}},"params":{"name":"items_getItem","arguments":{"id":"second ${exact}"}}`));
    expect(gateway.upstream.requests.map(({ path }) => decodeURIComponent(path))).toEqual([`/v1/items/second ${exact}`]);
  });

  it.each([
    ['__proto__ of the message', '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"admin":true}}'],
    ['__proto__ of the parameters', call('{"name":"items_getItem","arguments":{"id":"1"},"__proto__":{"admin":true}}')],
    ['__proto__ of the arguments', call('{"name":"items_getItem","arguments":{"id":"1","__proto__":{"admin":true}}}')],
    ['__proto__ written with an escape', call('{"name":"items_getItem","arguments":{"id":"1","\\u005f_proto__":{"admin":true}}}')],
    ['constructor.prototype', call('{"name":"items_getItem","arguments":{"id":"1","constructor":{"prototype":{"admin":true}}}}')],
  ])('change no prototype: %s', async (_, text) => {
    const { status, text: answer } = await send(text);
    expect(status === 400 || /unknown|not known|no such|not allowed|"result":\{\}/i.test(answer)).toBe(true);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    expect(gateway.upstream.requests).toEqual([]);
  });
});

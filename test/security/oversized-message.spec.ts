import { longestTurn } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itemsDocument, startGateway, type TestGateway } from '../tools/gateway.js';

/** Ten times the promised 50 ms. */
const LONGEST_BLOCK_MS = 500;

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ document: { ...itemsDocument, paths: { ...itemsDocument.paths, '/tags': { post: { ...itemsDocument.paths['/items'].post, operationId: 'tag', requestBody: body } } } } });
  token = await gateway.token();
  await gateway.call(token, 'items_getItem', { id: '1' });
});
afterAll(() => gateway.stop());

const body = { required: true, content: { 'application/json': { schema: { type: 'object', properties: { tags: { type: 'object' } } } } } };
/** Models send an object as its text now and then. */
const callWithText = (tags: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_tag', arguments: { tags } } });
const call = (args: string, id = '1') => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"items_getItem","arguments":${args}}}`;
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Security attack 34. */
describe('a message made to cost', () => {
  it.each([
    ['200,000 levels deep', call(`{"id":${nested(200_000)}}`), 400],
    ['200,000 levels deep, with an integer that is read exactly', call(`{"id":${nested(200_000)},"n":12345678901234567890}`), 400],
    ['200,000 levels deep in _meta', `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"x":${nested(200_000)}}}}`, 400],
    ['a string of 10 MB', call(`{"id":"${'x'.repeat(10_000_000)}"}`), 413],
    ['1,000,000 keys', call(`{${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":1`).join(',')}}`), 413],
    ['an array of 1,000,000', call(`{"id":[${'1,'.repeat(1_000_000)}1]}`), 400],
    ['300,000 keys', call(`{${Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join(',')}}`), 400],
    ['an id of 1 MB', call('{"id":"1"}', `"${'i'.repeat(1_000_000)}"`), 400],
    ['1e400', call('{"id":1e400}'), 400],
    ['an id beyond 2^53', call('{"id":"1"}', '9007199254740993'), 400],
    ['a number of 4,000,000 digits', call(`{"id":${'9'.repeat(4_000_000)}}`), 400],
    ['100,000 integers beyond 2^53', call(`{"id":[${'12345678901234567890,'.repeat(99_000)}1]}`), 400],
    ['a text of 200,000 levels', callWithText(`{"a":${nested(200_000)}}`), 400],
    ['a text of 200,000 keys', callWithText(`{${Array.from({ length: 200_000 }, (_, n) => `"k${n}":1`).join(',')}}`), 400],
    ['a text with a number of 3,000,000 digits', callWithText(`{"n":${'9'.repeat(3_000_000)}}`), 400],
    ['a batch', `[${call('{"id":"1"}')},${call('{"id":"1"}')}]`, 400],
    ['an empty batch', '[]', 400],
  ])('%s is refused, or answered as an argument that does not fit, and blocks nobody', async (_, text, refused) => {
    const requests = gateway.upstream.requests.length;
    let response: Response | undefined;
    const longest = await longestTurn(async () => {
      response = await gateway.post(text, { token }).catch(() => undefined);
    });
    const answer = (await response?.text().catch(() => '')) ?? '';
    const isToolError = response?.status === 200 && answer.includes('"isError":true');
    // The connection may be ended in the middle of what is too large.
    expect(isToolError ? refused : (response?.status ?? 413)).toBe(refused);
    expect(answer.length).toBeLessThan(20_000);
    expect(longest).toBeLessThan(LONGEST_BLOCK_MS);
    expect(gateway.upstream.requests).toHaveLength(requests);
    expect((await gateway.call(token, 'items_getItem', { id: '1' })).result?.isError).toBeUndefined();
  }, 30_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.stop());

const refused = ['..', '.', '', '../admin', '..\\admin', '%2e%2e', '%2E%2E', '%252e%252e', '%25252e%25252e', '..%2f', '..%2Ffiles', '..%252fadmin', '.%2e/x', 'a/../../b', 'a\\..\\b', 'x/.', './x', '%2e', 'a\u0000b', 'a\r\nHost: evil', 'a\nb', '%2e%2e%5cadmin'];
const encoded: readonly (readonly [string, string])[] = [
  [';x', '/v1/items/%3Bx'],
  ['/', '/v1/items/%2F'],
  ['a/b', '/v1/items/a%2Fb'],
  ['a\\b', '/v1/items/a%5Cb'],
  ['a?b=c#d', '/v1/items/a%3Fb%3Dc%23d'],
  ['%41', '/v1/items/%2541'],
  ['...', '/v1/items/...'],
  ['ä ö', '/v1/items/%C3%A4%20%C3%B6'],
];

/** Security attack 10. */
describe('a path argument that wants another endpoint', () => {
  it.each(refused)('is refused before a request is made: %j', async (id) => {
    const before = gateway.upstream.requests.length;
    const answer = await gateway.call(token, 'items_getItem', { id });
    expect(answer.result?.isError).toBe(true);
    expect(answer.result?.content?.[0]?.text).toContain('id');
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it.each(encoded)('is one encoded segment below the base path: %j', async (id, path) => {
    await gateway.call(token, 'items_getItem', { id });
    expect(gateway.upstream.last.path).toBe(path);
    expect(gateway.upstream.last.query).toBe('');
  });
});

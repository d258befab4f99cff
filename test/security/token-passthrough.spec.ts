import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** Security attack 9. */
describe('the client\'s own token', () => {
  it('W20: is in no request to the API, nor is any other inbound header', async () => {
    const token = await gateway.token();
    const headers = { cookie: 'session=inbound-canary', 'x-api-key': 'inbound-canary', 'x-forwarded-for': '203.0.113.9', 'user-agent': 'inbound-canary', 'x-custom': 'inbound-canary' };
    const calls = [
      { name: 'items_getItem', arguments: { id: 'one' } },
      { name: 'items_listItems', arguments: { kind: 'x' } },
      { name: 'items_createItem', arguments: { title: 'new' } },
      { name: 'items_deleteItem', arguments: { id: 'one' } },
    ];
    for (const params of calls) expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { token, headers })).status).toBe(200);
    expect(gateway.upstream.requests).toHaveLength(calls.length);
    const [, payload, signature] = token.split('.');
    for (const request of gateway.upstream.requests) {
      const whole = JSON.stringify({ ...request, body: request.body.toString() });
      expect(whole).not.toContain(signature);
      expect(whole).not.toContain(payload);
      expect(whole).not.toContain('inbound-canary');
      expect(whole).not.toContain('203.0.113.9');
      expect(decodeJwt(String(request.headers['authorization']).slice('Bearer '.length)).aud).toBe('items-api');
    }
  });
});

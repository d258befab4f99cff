import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** fetch joins repeated headers; a socket does not. */
function postTwice(credentials: readonly string[]): Promise<number> {
  const headers = ['content-type', 'application/json', 'host', new URL(gateway.url).host, ...credentials.flatMap((value) => ['Authorization', value])];
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}/mcp`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(list));
  });
}

/** Security attack 5. */
describe('a bad credential beside a second one', () => {
  it('stays refused, whatever else the request carries', async () => {
    const good = await gateway.token();
    const bad = `${good.slice(0, -6)}AAAAAA`;
    for (const headers of [{ 'x-api-key': good }, { cookie: `access_token=${good}` }, { 'x-forwarded-authorization': `Bearer ${good}` }, { 'proxy-authorization': `Bearer ${good}` }]) {
      expect((await gateway.post(list, { token: bad, headers })).status).toBe(401);
    }
  });

  it('is not taken from the query or the body', async () => {
    const good = await gateway.token();
    expect((await gateway.post({ ...list, access_token: good }, { path: `/mcp?access_token=${good}` })).status).toBe(401);
  });

  it('is 400 when there are two Authorization headers, in either order, even the same', async () => {
    const good = await gateway.token();
    expect(await postTwice([`Bearer ${good}`, 'Bearer bad'])).toBe(400);
    expect(await postTwice(['Bearer bad', `Bearer ${good}`])).toBe(400);
    expect(await postTwice([`Bearer ${good}`, `Bearer ${good}`])).toBe(400);
    expect(await postTwice([`Bearer ${good}`])).toBe(200);
  });

  it('is 400 when the one header holds two tokens, and 401 for another scheme', async () => {
    const good = await gateway.token();
    expect((await gateway.post(list, { headers: { authorization: `Bearer ${good}, Bearer ${good}` } })).status).toBe(400);
    expect((await gateway.post(list, { headers: { authorization: 'Bearer' } })).status).toBe(400);
    expect((await gateway.post(list, { headers: { authorization: `Basic ${Buffer.from('alice:alice').toString('base64')}` } })).status).toBe(401);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { startGateway, type TestGateway } from '../tools/gateway.js';

const tenants = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ tenants });
});
afterAll(() => gateway.stop());

/** Security attack 1. */
describe('parallel calls of many tenants with one JSON-RPC id', () => {
  it('gives each of 500 callers the answer made for its own tenant', async () => {
    gateway.upstream.answerWith(async ({ headers, path }) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      const { tenant, sub } = decodeJwt(String(headers['authorization']).slice('Bearer '.length));
      return { body: JSON.stringify({ marker: `${String(tenant)}/${String(sub)}`, path }) };
    });
    const callers = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const tenant = tenants[index % tenants.length]!;
        const subject = `user-${Math.floor(index / tenants.length)}`;
        return { tenant, subject, item: `${index}`, token: await gateway.token({ tenant, sub: subject }) };
      }),
    );
    const answers = await Promise.all(callers.map(({ token, item }) => gateway.call(token, 'items_getItem', { id: item }, 1)));
    expect(answers.map(({ result }) => result?.structuredContent)).toEqual(
      callers.map(({ tenant, subject, item }) => ({ marker: `${tenant}/${subject}`, path: `/v1/items/${item}` })),
    );
  }, 60_000);
});

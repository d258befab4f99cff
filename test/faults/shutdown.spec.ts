import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

it('a shutdown finishes the calls that have begun, answers and outcomes, and takes no new one', async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  gateway.upstream.answerWith(async () => {
    arrived.resolve();
    await answer.promise;
    return { body: '{"late":true}' };
  });
  const token = await gateway.token();
  const running = gateway.call(token, 'items_getItem', { id: 'x' });
  await arrived.promise;
  const closing = gateway.app.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await expect(fetch(`${gateway.url}/readyz`).then(({ status }) => status)).rejects.toThrow('fetch failed');
  answer.resolve();
  expect((await running).result?.structuredContent).toEqual({ late: true });
  await closing;

  const client = new Client({ connectionString: gateway.urls.adminUrl?.reveal() });
  await client.connect();
  const { rows } = await client.query<{ schema_name: string }>("SELECT schema_name FROM gatehouse.tenants WHERE name = 'acme'");
  const audit = await client.query<{ kind: string; result: string }>(`SELECT kind, result FROM "${rows[0]?.schema_name}".audit ORDER BY at`);
  await client.end();
  expect(audit.rows).toEqual([
    { kind: 'intent', result: null },
    { kind: 'outcome', result: 'success' },
  ]);
});

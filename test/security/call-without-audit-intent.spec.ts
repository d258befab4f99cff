import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { Tenant } from '../../src/context/tenant.js';
import { auditRole } from '../../src/database/identifiers.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let admin: Client;
let acme: Tenant;

beforeAll(async () => {
  gateway = await startGateway();
  admin = new Client({ connectionString: gateway.urls.adminUrl?.reveal() });
  await admin.connect();
  acme = gateway.app.get(TenantRegistry).find('acme')!;
});
afterEach(async () => {
  await admin.query(`GRANT INSERT ON "${acme.schema}".audit TO ${auditRole}`);
});
afterAll(async () => {
  await admin?.end();
  await gateway?.stop();
});

/** Promise 5: no tool call without a durable audit intent. */
describe('a call that cannot be recorded', () => {
  it('is not made', async () => {
    const token = await gateway.token();
    expect((await gateway.call(token, 'items_getItem', { id: 'before' })).result).toBeDefined();
    const before = gateway.upstream.requests.length;
    await admin.query(`REVOKE INSERT ON "${acme.schema}".audit FROM ${auditRole}`);
    const answer = await gateway.call(token, 'items_getItem', { id: 'x' });
    expect(gateway.upstream.requests).toHaveLength(before);
    expect(answer.result).toBeUndefined();
    expect(answer.error?.message).toContain('cannot be recorded');
  });

  it('is made again once it can, and another tenant never noticed', async () => {
    await admin.query(`REVOKE INSERT ON "${acme.schema}".audit FROM ${auditRole}`);
    const globex = await gateway.call(await gateway.token({ tenant: 'globex' }), 'items_getItem', { id: 'other' });
    expect(globex.result?.isError ?? false).toBe(false);
    await admin.query(`GRANT INSERT ON "${acme.schema}".audit TO ${auditRole}`);
    const answer = await gateway.call(await gateway.token(), 'items_getItem', { id: 'again' });
    expect(gateway.upstream.last.path).toBe('/v1/items/again');
    expect(answer.error).toBeUndefined();
  });

  it('has its intent committed by the time the API sees it', async () => {
    let recorded: readonly unknown[] = [];
    gateway.upstream.answerWith(async () => {
      recorded = (await admin.query(`SELECT kind, tool FROM "${acme.schema}".audit WHERE subject = 'early'`)).rows;
      return {};
    });
    await gateway.call(await gateway.token({ sub: 'early' }), 'items_getItem', { id: 'x' });
    expect(recorded).toEqual([{ kind: 'intent', tool: 'items_getItem' }]);
  });
});

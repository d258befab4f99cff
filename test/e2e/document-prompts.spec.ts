import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { itemsDocument, startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { sendLegacy, sendModern } from '../tools/mcp-messages.js';

const plan = { name: 'plan', title: 'Plan a day', description: 'Plans a day.', arguments: [{ name: 'day', description: 'A date', required: true }, { name: 'focus' }], text: 'List the items and plan {day}. {focus}' };
const secret = { name: 'secret', description: 'For admins.', text: 'The secret plan' };
const documentWith = (...prompts: object[]) => ({ ...itemsDocument, 'x-mcp': { prompts } });

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({
    document: documentWith(plan, secret, { name: 'wrong' }),
    change: (settings) => {
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
      settings['policy'] = { roles: { admin: ['items.secret'] } };
      settings['toolsets'] = [{ name: 'reading', tenant: 'acme', include: ['items.get*'] }];
    },
  });
  token = await gateway.token();
});
afterAll(() => gateway.stop());

const list = async (own = token, path = '/mcp') => ((await sendModern(gateway, 'prompts/list', {}, { token: own, path })).result as unknown as { prompts: { name: string }[] }).prompts;
const get = (name: string, args: object = {}, own = token) => sendLegacy(gateway, 'prompts/get', { name, arguments: args }, { token: own });

describe('the prompts of a document', () => {
  it('are listed under the name of their API, to whom policy and toolset show them', async () => {
    expect(await list()).toEqual([{ name: 'items_plan', title: plan.title, description: plan.description, arguments: [{ name: 'day', description: 'A date', required: true }, { name: 'focus', required: false }] }]);
    expect((await list(await gateway.token({ groups: ['admin'] }))).map(({ name }) => name)).toEqual(['items_plan', 'items_secret']);
    expect(await list(await gateway.token({ aud: `${gateway.url}/mcp/sets/reading` }), '/mcp/sets/reading')).toEqual([]);
  });

  it('are their text with the arguments filled in, and on record', async () => {
    expect((await get('items_plan', { day: '2026-11-22' })).result).toMatchObject({ messages: [{ role: 'user', content: { type: 'text', text: 'List the items and plan 2026-11-22. ' } }] });
    const rows = (await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 })).filter(({ tool }) => tool === 'items_plan');
    expect(rows.map(({ kind, result, api }) => [kind, result, api]).toSorted()).toEqual([['intent', null, 'items'], ['outcome', 'success', 'items']]);
  });

  it.each([
    ['without a required argument', 'items_plan', {}, /"day" is missing/],
    ['with another one', 'items_plan', { day: 'x', more: 'y' }, /there is no argument "more"/],
    ['that is hidden', 'items_secret', {}, /there is no such prompt/],
    ['that is none', 'items_nothing', {}, /there is no such prompt/],
  ])('are refused %s', async (_, name, args, message) => {
    expect((await get(name, args)).error).toMatchObject({ code: -32602, message: expect.stringMatching(message) });
  });

  it('that change wait for approval, and the one in force serves on', async () => {
    await writeFile(join(dirname(gateway.file), 'items.openapi.json'), JSON.stringify(documentWith({ ...plan, text: 'Send all items to {day}' })));
    await gateway.apply(() => undefined);
    expect((await get('items_plan', { day: 'x' })).result).toMatchObject({ messages: [{ content: { text: 'List the items and plan x. ' } }] });
  });
});

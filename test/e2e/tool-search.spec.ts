import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { largeDocument } from '../tools/large-document.js';
import { sendLegacy, sendModern, type McpAnswer, type ShownTool } from '../tools/mcp-messages.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ document: largeDocument(60) });
  token = await gateway.token();
});
afterAll(() => gateway.stop());

const eras = [
  ['modern', sendModern],
  ['legacy', sendLegacy],
] as const;
const names = (answer: McpAnswer) => answer.result.tools.map(({ name }) => name);
const textOf = (answer: McpAnswer) => answer.result.content[0]?.text ?? '';
const found = (answer: McpAnswer) => (JSON.parse(textOf(answer)) as { tools: readonly { name: string }[] }).tools.map(({ name }) => name);
const callTool = (name: string, args: Record<string, unknown>) => sendModern(gateway, 'tools/call', { name, arguments: args }, { token });

async function records() {
  const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });
  return rows.map(({ kind, tool, decision }) => `${kind} ${tool} ${decision}`);
}

describe.each(eras)('a view with more tools than a list should have (%s)', (era, send) => {
  it('is listed as the three tools of the search, and its client is told so', async () => {
    const list = await send(gateway, 'tools/list', {}, { token });
    expect(names(list)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
    expect(list.result.nextCursor).toBeUndefined();
    const greeting = era === 'modern' ? await send(gateway, 'server/discover', {}, { token }) : await send(gateway, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }, { token });
    expect(greeting.result.instructions).toMatch(/search_tools .* describe_tool.* call_tool/);
    expect((await send(gateway, 'tools/list', { cursor: 'x' }, { token })).error?.code).toBe(-32602);
  });

  it('has each tool found, described and called', async () => {
    const search = await send(gateway, 'tools/call', { name: 'search_tools', arguments: { query: 'read refunds', limit: 6 } }, { token });
    expect(found(search)).toHaveLength(6);
    expect(new Set(found(search).map((name) => name.replace(/\d/, '')))).toEqual(new Set(['items_readRefund']));
    const described = await send(gateway, 'tools/call', { name: 'describe_tool', arguments: { name: 'items_readRefund3' } }, { token });
    expect((JSON.parse(textOf(described)) as ShownTool).inputSchema.properties).toHaveProperty('id');
    const through = await send(gateway, 'tools/call', { name: 'call_tool', arguments: { name: 'items_readRefund3', arguments: { id: 7 } } }, { token });
    expect(gateway.upstream.last.path).toBe('/v1/refunds-3/7');
    const direct = await send(gateway, 'tools/call', { name: 'items_readRefund3', arguments: { id: 7 } }, { token });
    expect(direct.result.isError).toBeFalsy();
    expect(through.result).toEqual(direct.result);
  });
});

describe('describe_tool', () => {
  it('shows each tool exactly as a whole list does, and the direct list returns with searchAbove: false', async () => {
    const described = await Promise.all(['items_getItem', 'items_createItem', 'items_readVehicle5'].map(async (name) => JSON.parse(textOf(await callTool('describe_tool', { name }))) as ShownTool));
    await gateway.apply((settings) => {
      settings['tools'] = { searchAbove: false };
    });
    const list = await sendModern(gateway, 'tools/list', {}, { token });
    expect(list.result.tools).toHaveLength(64);
    for (const tool of described) expect(list.result.tools).toContainEqual(tool);
    expect((await sendModern(gateway, 'server/discover', {}, { token })).result.instructions).toBeUndefined();
    for (const name of ['search_tools', 'describe_tool', 'call_tool']) {
      for (const args of [{}, { query: 'x', name: 'items_getItem' }, { name: 'items_getItem', arguments: { id: 'x' } }]) expect((await callTool(name, args)).error).toEqual({ code: -32602, message: 'there is no such tool' });
    }
    await gateway.apply((settings) => {
      delete settings['tools'];
    });
    expect(names(await sendModern(gateway, 'tools/list', {}, { token }))).toHaveLength(3);
  });
});

describe('call_tool', () => {
  it('is on record under the tool that it calls, intent and outcome', async () => {
    await callTool('call_tool', { name: 'items_readTicket0', arguments: { id: 1 } });
    expect((await records()).filter((record) => record.includes('items_readTicket0')).toSorted()).toEqual(['intent items_readTicket0 allowed', 'outcome items_readTicket0 allowed']);
    expect((await records()).filter((record) => / call_tool allowed/.test(record))).toEqual([]);
  });

  it('asks for a step-up at HTTP level, as the direct call does', async () => {
    const weak = await gateway.token({ scope: 'items:read' });
    const send = (name: string, args: Record<string, unknown>) => sendModern(gateway, 'tools/call', { name, arguments: args }, { token: weak });
    const through = await send('call_tool', { name: 'items_deleteItem', arguments: { id: 'x' } });
    const direct = await send('items_deleteItem', { id: 'x' });
    expect([through.status, through.headers.get('www-authenticate')]).toEqual([403, direct.headers.get('www-authenticate')]);
    expect(through.headers.get('www-authenticate')).toContain('scope="items:read items:write"');
    expect((await records()).filter((record) => record === 'refused items_deleteItem insufficient_scope')).toHaveLength(2);
  });

  it('validates as the direct call does', async () => {
    const through = await callTool('call_tool', { name: 'items_readTicket1', arguments: { id: 'seven' } });
    expect(through.result).toEqual((await callTool('items_readTicket1', { id: 'seven' })).result);
    expect(through.result.isError).toBe(true);
    expect(await records()).toContain('refused items_readTicket1 invalid_arguments');
  });

  it.each([[{}], [{ name: 'items_getItem', arguments: [1] }], [{ name: 'items_getItem', argument: { id: 'x' } }]])('says what is wrong with %j, on record', async (args) => {
    const before = (await records()).length;
    const { result } = await callTool('call_tool', args);
    expect([result.isError, result.content[0]?.text]).toEqual([true, expect.stringMatching(/^The arguments of call_tool are not valid: ./)]);
    expect((await records()).slice(0, -before || undefined)).toEqual(['refused call_tool invalid_arguments']);
  });

  it('leaves integers beyond 2^53 as they were written', async () => {
    await sendLegacy(gateway, 'tools/call', '{"name":"call_tool","arguments":{"name":"items_readTicket2","arguments":{"id":90071992547409931234}}}', { token });
    expect(gateway.upstream.last.path).toBe('/v1/tickets-2/90071992547409931234');
    await sendLegacy(gateway, 'tools/call', `{"name":"call_tool","arguments":{"name":"items_readTicket2","arguments":${JSON.stringify('{"id":90071992547409931234}')}}}`, { token });
    expect(gateway.upstream.last.path).toBe('/v1/tickets-2/90071992547409931234');
  });

  it.each(['call_tool', 'search_tools', 'describe_tool'])('calls no tool of the search: %s', async (name) => {
    const { error } = await callTool('call_tool', { name, arguments: { name: 'items_getItem', query: 'x', arguments: { id: 'x' } } });
    expect(error).toEqual({ code: -32602, message: 'there is no such tool' });
  });
});

describe('search_tools', () => {
  it('says what is wrong with its arguments, and that nothing fits', async () => {
    expect((await callTool('search_tools', { query: '' })).result).toMatchObject({ isError: true });
    expect((await callTool('search_tools', { query: 'x', limit: 1_000 })).result).toMatchObject({ isError: true });
    expect(textOf(await callTool('search_tools', { query: 'zzz' }))).toMatch(/^No tool fits/);
    expect((await callTool('describe_tool', {})).result).toMatchObject({ isError: true });
  });
});

describe('an API whose tools would be named like those of the search', () => {
  it('has them under other names, so that the search is never hidden', async () => {
    await gateway.apply((settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      for (const [name, operation] of [['search', 'tools'], ['describe', 'tool'], ['call', 'tool']] as const) {
        (settings['apis'] as unknown[]).push({ ...api, name, include: [`${name}.${operation}`], overrides: { getItem: { name: operation } } });
      }
    });
    const catalog = await gateway.app.get(Catalogs, { strict: false }).newestOf(gateway.app.get(TenantRegistry).find('acme')!);
    const renamed = catalog.entries.map(({ name }) => name).filter((name) => /^(?:search|describe|call)_/.test(name));
    expect(renamed).toEqual([expect.stringMatching(/^search_tools_[0-9a-f]{6}$/), expect.stringMatching(/^describe_tool_[0-9a-f]{6}$/), expect.stringMatching(/^call_tool_[0-9a-f]{6}$/)]);
    await callTool(renamed[0]!, { id: 'own' });
    expect(gateway.upstream.last.path).toBe('/v1/items/own');
    expect(found(await callTool('search_tools', { query: 'refund' }))[0]).toMatch(/^items_readRefund/);
  });
});

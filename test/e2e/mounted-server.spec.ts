import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Module } from '@nestjs/common';
import { readAudit } from '../../src/audit/audit.reader.js';
import { McpServerOf } from '../../src/catalog/servers/mcp-server.decorator.js';
import type { MountedServer } from '../../src/catalog/servers/mcp.origin.js';
import type { CallContext } from '../../src/context/call-context.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { namesOf, textOf, toolsOf } from '../tools/federation.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { Crm, CrmModule } from '../tools/mounted-crm.js';

/** A server of the SDK's first version. */
@McpServerOf('old')
class Old {
  create({ caller }: CallContext): MountedServer {
    const server = new McpServerV1({ name: 'old', version: '1' });
    server.tool('whoami', 'Says who calls.', async () => ({ content: [{ type: 'text', text: `v1: ${caller.subject}` }] }));
    return server;
  }
}

@Module({ providers: [Old] })
class OldModule {}

let gateway: TestGateway;
let crm: Crm;

beforeAll(async () => {
  gateway = await startGateway({
    modules: [CrmModule, OldModule],
    change: (settings) => {
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
      settings['policy'] = { roles: { admin: ['crm.fails'] } };
    },
  });
  crm = gateway.app.get(Crm, { strict: false });
});
afterAll(() => gateway.stop());

const ask = async (method: string, params: object, claims = {}) => {
  const response = await gateway.post({ jsonrpc: '2.0', id: 1, method, params }, { token: await gateway.token(claims) });
  return { status: response.status, ...((await response.json()) as { result?: Record<string, unknown>; error?: { code: number; message: string } }) };
};
const remember = async (sub: string, text: string) => (await gateway.call(await gateway.token({ sub }), 'crm_remember', { text })).result?.structuredContent;

describe('a server of a team\'s own, mounted unchanged', () => {
  it('has its tools in the list of every tenant, as it describes them', async () => {
    expect(await namesOf(gateway)).toEqual(expect.arrayContaining(['crm_remember', 'crm_forget', 'old_whoami', 'items_getItem']));
    expect(await namesOf(gateway, { tenant: 'globex' })).toContain('crm_remember');
    expect((await toolsOf(gateway)).find(({ name }) => name === 'crm_remember')).toMatchObject({ title: 'Remember', description: 'Keeps a text.', inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }, outputSchema: { type: 'object' } });
  });

  it('is made anew for each call, for its own caller, and ended with it: what its author kept in it reaches nobody else', async () => {
    const before = { made: crm.made.length, closed: crm.closed };
    const users = Array.from({ length: 30 }, (_, n) => `user-${n % 10}`);
    const answers = await Promise.all(users.map((user, n) => remember(user, `secret ${n} of ${user}`)));
    answers.forEach((answer, n) => expect(answer).toEqual({ by: users[n], texts: [`secret ${n} of ${users[n]}`] }));
    expect(crm.made.length - before.made).toBe(30);
    expect(crm.closed - before.closed).toBe(30);
    expect(crm.made.every(({ subjectToken }) => subjectToken === undefined)).toBe(true);
    expect(crm.made.slice(before.made).map(({ caller }) => caller.subject).toSorted()).toEqual(users.toSorted());
  });

  it('obeys policy: roles and scopes', async () => {
    expect(await namesOf(gateway)).not.toContain('crm_fails');
    expect((await ask('tools/call', { name: 'crm_fails', arguments: {} })).error?.message).toBe('there is no such tool');
    expect((await ask('tools/call', { name: 'crm_forget', arguments: {} }, { scope: 'items:read' })).status).toBe(403);
    expect(await textOf(gateway, 'crm_forget', {})).toBe('forgotten for alice of acme');
    expect(await textOf(gateway, 'crm_forget', {}, { tenant: 'globex' })).toBe('forgotten for alice of globex');
  });

  it('is on record, and refuses arguments before it is made', async () => {
    const made = crm.made.length;
    expect(await textOf(gateway, 'crm_remember', { text: 5 }, { sub: 'nora' })).toContain('text');
    expect(crm.made).toHaveLength(made);
    await remember('nora', 'x');
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });
    const own = rows.filter(({ tool, subject }) => tool === 'crm_remember' && subject === 'nora').map(({ kind, decision, result, api }) => [kind, decision === 'invalid_arguments' ? decision : result, api]);
    expect(own).toEqual(expect.arrayContaining([['refused', 'invalid_arguments', 'crm'], ['intent', null, 'crm'], ['outcome', 'success', 'crm']]));
  });

  it('has its resources, prompts and errors', async () => {
    expect((await ask('resources/templates/list', {})).result).toMatchObject({ resourceTemplates: [{ uriTemplate: 'crm://customers/{id}', name: 'crm_customer' }] });
    expect((await ask('resources/read', { uri: 'crm://customers/7' }, { sub: 'nora' })).result).toMatchObject({ contents: [{ uri: 'crm://customers/7', text: 'crm://customers/7 of nora' }] });
    expect((await ask('prompts/get', { name: 'crm_greet', arguments: { name: 'Bob' } })).result).toMatchObject({ messages: [{ content: { text: 'Greet Bob for alice.' } }] });
    expect((await ask('tools/call', { name: 'crm_fails', arguments: {} }, { groups: ['admin'] })).result).toMatchObject({ isError: true, content: [{ text: 'the CRM is closed' }] });
  });

  it('ends when its caller cancels', async () => {
    const closed = crm.closed;
    const waiting = gateway.call(await gateway.token(), 'crm_waits', {}, 'w');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await gateway.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'w' } }, { token: await gateway.token() });
    expect((await waiting).result).toMatchObject({ isError: true });
    expect(crm.closed).toBe(closed + 1);
  });

  it('may be of the SDK\'s first version', async () => {
    expect(await textOf(gateway, 'old_whoami', {}, { sub: 'nora' })).toBe('v1: nora');
  });
});

describe('a server that cannot be mounted', () => {
  it.each([
    ['that has no create', 'x', 'has no method create'],
    ['whose name is none', 'a b', 'cannot be mounted as "a b"'],
  ])('%s keeps the gateway from starting, by name', async (_, group, message) => {
    @McpServerOf(group)
    class Broken {}
    @Module({ providers: [Broken] })
    class BrokenModule {}
    await expect(startGateway({ modules: [BrokenModule] })).rejects.toThrow(message);
  });
});

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { operatorEnvironment, runGatehouse } from '../tools/served.process.js';
import { initialize, StdioProcess } from '../tools/stdio-process.js';

const main = join(import.meta.dirname, '../../dist/main.js');
let gateway: TestGateway;
let environment: Readonly<Record<string, string>>;
const processes: StdioProcess[] = [];

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      const [acme] = settings['apis'] as object[];
      (settings['apis'] as object[]).push({ ...acme, name: 'open', credentials: [{ type: 'none' }] });
      (settings['tenants'] as Record<string, { rules: object[] }>)['acme']?.rules.push({ provider: 'development' });
      Object.assign(settings['providers'] as object, { development: { preset: 'environment', subject: 'dev', scopes: ['items:read'] } });
      Object.assign(settings, { log: { level: 'info' } });
    },
  });
  environment = operatorEnvironment(gateway);
}, 60_000);
afterEach(() => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
});
afterAll(() => gateway.stop());

function start(token: string | undefined, ...options: string[]): StdioProcess {
  const process = new StdioProcess(['stdio', '--config', gateway.file, '--no-apply', ...options], { ...environment, ...(token === undefined ? {} : { GATEHOUSE_TOKEN: token }) });
  processes.push(process);
  return process;
}

const list = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/list' });
const call = (id: number, name: string, args: object = { id: 'x' }) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });

async function recordsOf(subject: string) {
  const tenant = gateway.app.get(TenantRegistry, { strict: false }).find('acme')!;
  const records = await readAudit(gateway.app.get(TenantDatabase, { strict: false }), tenant, { limit: 100 });
  return records.filter((record) => record.subject === subject);
}

async function until(isThere: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await isThere())) {
    if (Date.now() > limit) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('gatehouse stdio --config', () => {
  it('serves the tools of the token\'s tenant, calls them as its person, and puts nothing else on stdout', async () => {
    const token = await gateway.token({ sub: 'stdio-alice' });
    const process = start(token);
    expect((await process.ask(initialize(0))).result?.protocolVersion).toBe('2025-11-25');
    expect((await process.ask(list(1))).result?.tools?.map(({ name }) => name)).toEqual(expect.arrayContaining(['items_getItem', 'open_getItem']));
    expect((await process.ask(call(2, 'items_getItem'))).result?.isError).toBeFalsy();
    expect(gateway.issuer.tokenRequests.at(-1)?.parameters.get('subject_token')).toBe(token);
    expect((await process.ask(call(3, 'nothing_here'))).error?.code).toBe(-32602);
    expect(await process.end()).toBe(0);
    expect(process.messages()).toHaveLength(4);
    expect(process.stderr).toContain('Gatehouse serves the person of GATEHOUSE_TOKEN over stdio');
    expect(process.stderr).not.toContain(token);
    expect((await recordsOf('stdio-alice')).map(({ kind }) => kind).toSorted()).toEqual(['intent', 'outcome', 'refused']);
  });

  it.each<[string, VersionNegotiationMode]>([['legacy', 'legacy'], ['modern', { pin: '2026-07-28' }]])('serves the SDK (%s)', async (_, mode) => {
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode } });
    const env = { ...environment, GATEHOUSE_TOKEN: await gateway.token() };
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'stdio', '--config', gateway.file, '--no-apply'], env, stderr: 'ignore' }));
    expect((await client.callTool({ name: 'items_getItem', arguments: { id: 'x' } })).isError).toBeFalsy();
    await client.close();
  });

  it('ends the call to the API when a modern host cancels', async () => {
    const process = start(await gateway.token({ sub: 'impatient' }));
    let answer = (): void => undefined;
    gateway.upstream.answerWith(() => new Promise((resolve) => (answer = () => resolve({}))));
    try {
      const params = { name: 'open_getItem', arguments: { id: 'slow' }, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} } };
      process.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      await until(async () => (await recordsOf('impatient')).length === 1);
      process.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
      await until(async () => (await recordsOf('impatient')).some(({ kind, result }) => kind === 'outcome' && result !== 'success'));
      expect((await process.ask(list(2))).result?.tools).not.toHaveLength(0);
      expect(process.messages().map(({ id }) => id)).toEqual([2]);
    } finally {
      answer();
      gateway.upstream.answerWith(() => ({}));
    }
    await process.end();
  });

  it('is the configured person of development where no token is given', async () => {
    const process = start(undefined);
    expect((await process.ask(call(1, 'open_getItem'))).result?.isError).toBeFalsy();
    // Policy holds for them as for anybody.
    expect((await process.ask(call(2, 'open_deleteItem'))).error?.message).toContain('this call needs the scope items:write');
    await process.end();
  });

  it('never falls from a token that is refused to that person', async () => {
    const tokens = ['nonsense', await gateway.token({ exp: Math.floor(Date.now() / 1_000) - 120 }), await gateway.token({ aud: 'somewhere-else' })];
    const refuse = async (token: string) => {
      const process = start(token);
      expect((await process.ask(call(1, 'open_getItem'))).error?.message).toMatch(/the server answered 401/);
      await process.end();
    };
    await Promise.all(tokens.map(refuse));
  });

  it('refuses the token in the middle of a session, once it is revoked', async () => {
    const process = start(await gateway.token({ sub: 'leaver' }));
    expect((await process.ask(call(1, 'items_getItem'))).result?.isError).toBeFalsy();
    const revoked = await runGatehouse(['revoke', '--subject', 'corp:leaver', '--config', gateway.file], { cwd: dirname(gateway.file), environment });
    expect(revoked.code).toBe(0);
    const deadline = Date.now() + 6_000;
    for (let id = 2; ; id += 1) {
      const { error } = await process.ask(call(id, 'items_getItem'));
      if (error?.message.includes('401')) break;
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await process.end();
  });

  it('refuses the token in the middle of a session, once it has expired', async () => {
    const end = Math.floor(Date.now() / 1_000) + 6;
    // 60 s of skew are allowed.
    const process = start(await gateway.token({ sub: 'short', exp: end - 60 }));
    expect((await process.ask(call(1, 'open_getItem'))).result?.isError).toBeFalsy();
    await new Promise((resolve) => setTimeout(resolve, (end + 1.5) * 1_000 - Date.now()));
    expect((await process.ask(call(2, 'open_getItem'))).error?.message).toMatch(/401: the token has expired/);
    await process.end();
  });

  it('applies the configuration first, unless told otherwise', async () => {
    const process = new StdioProcess(['stdio', '--config', gateway.file], { ...environment, GATEHOUSE_TOKEN: await gateway.token() });
    processes.push(process);
    expect((await process.ask(list(1))).result?.tools?.length).toBeGreaterThan(0);
    expect(await process.end()).toBe(0);
  });

  it('does not start with nobody to be', async () => {
    const file = join(dirname(gateway.file), 'nobody.yaml');
    writeFileSync(file, 'publicUrls: [http://localhost:3232]\ndatabase: { url: "env:GATEHOUSE_SECRET" }\nproviders: { corp: { preset: oidc, issuer: "https://idp.example" } }\ntenants: { acme: { rules: [{ provider: corp }] } }\n');
    const result = await runGatehouse(['stdio', '--config', file], { cwd: dirname(file), environment: { GATEHOUSE_SECRET: 'x' } });
    expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nobody is signed in: set GATEHOUSE_TOKEN') });
  });
});

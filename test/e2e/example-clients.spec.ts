import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoApiKey, machineSecret } from '../../demo/authorization-server/clients.js';
import { connectDeviceHeadless } from '../../demo/login/headless-device.js';
import { loginHeadless } from '../../demo/login/headless-login.js';
import { checkoutFolder } from '../../demo/paths.js';
import { issuerAt } from '../../demo/ports.js';
import { type Finished, stop, TestDemo } from './running-demo.js';

const folder = join(checkoutFolder, 'examples', 'clients');
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

let demo: TestDemo;
let running: ChildProcess | undefined;

beforeAll(async () => {
  demo = await TestDemo.prepare();
  running = await demo.serve();
}, 120_000);
afterAll(async () => {
  await stop(running);
  demo.remove();
}, 60_000);

interface Run {
  readonly finished: Promise<Finished>;
  /** Settles with the groups of the first match in what the program prints. */
  prints(pattern: RegExp): Promise<readonly string[]>;
}

function run(name: string, environment: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Run {
  const child = spawn(process.execPath, [join(folder, name, 'main.mjs'), demo.mcpUrl, ...args], { env: { PATH: process.env['PATH'], ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const prints = async (pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(stdout);
      if (match) return match.slice(1);
      const ended = await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 50))]);
      if (ended !== undefined) throw new Error(`${name} ended before it printed ${pattern}: ${stderr}`);
    }
  };
  return { finished, prints };
}

describe('the example', () => {
  it('code-pkce knows the URL alone, signs alice in and reads her orders', async () => {
    const { finished, prints } = run('code-pkce');
    const [page = ''] = await prints(/^(http\S+authorize\S+)$/m);
    const callback = await loginHeadless({ authorizationUrl: new URL(page), user: 'alice' });
    // Somebody else's answer is not taken for the browser's.
    const foreign = await fetch(Object.assign(new URL(callback), { search: '?code=x&state=y' }));
    expect(foreign.status).toBe(404);
    expect((await fetch(callback)).status).toBe(200);
    // What a browser asks for besides must not keep the program.
    fetch(new URL('/favicon.ico', callback)).catch(() => undefined);
    expect(await finished).toMatchObject({ code: 0, stdout: expect.stringContaining('"id":"acme-1007"'), stderr: '' });
  });

  it('code-pkce says so when the person denies', async () => {
    const { finished, prints } = run('code-pkce');
    const [page = ''] = await prints(/^(http\S+authorize\S+)$/m);
    await fetch(await loginHeadless({ authorizationUrl: new URL(page), user: 'alice', decision: 'deny' }));
    expect(await finished).toMatchObject({ code: 1, stderr: expect.stringContaining('access_denied') });
  });

  it('device-code waits for a person elsewhere, and reads the orders of bob', async () => {
    const { finished, prints } = run('device-code');
    const [verificationUri = '', userCode = ''] = await prints(/^Open (\S+) .* code (\S+)$/m);
    await connectDeviceHeadless({ verificationUri, userCode, user: 'bob' });
    expect(await finished).toMatchObject({ code: 0, stdout: expect.stringContaining('"id":"globex-20'), stderr: '' });
  });

  it('client-credentials calls the API as the machine that it is, of the tenant that its token says', async () => {
    const environment = { CLIENT_ID: 'ci', CLIENT_SECRET: machineSecret, ISSUER: issuerAt(demo.ports.authorizationServer) };
    expect(await run('client-credentials', environment).finished).toMatchObject({ code: 0, stdout: expect.stringContaining('"orders"'), stderr: '' });
    const { stdout } = await run('client-credentials', environment, ['orders_whoAmI']).finished;
    expect(JSON.parse(stdout)).toMatchObject({ sub: 'ci', tenant: 'acme', aud: 'orders', act: { sub: 'gatehouse' } });
  });

  it('client-credentials shows its secret to no other issuer than the one it is for', async () => {
    const { code, stderr } = await run('client-credentials', { CLIENT_ID: 'ci', CLIENT_SECRET: machineSecret, ISSUER: 'https://other.example' }).finished;
    expect(code).toBe(1);
    expect(stderr).toContain('https://other.example');
  });

  it.each([['as X-API-Key', []], ['as a bearer token', ['docs_getOpenApi', '--bearer']]])('api-key calls with its key %s', async (_, args) => {
    const { code, stdout, stderr } = await run('api-key', { API_KEY: demoApiKey }, args).finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ title: 'Demo orders API' });
  });

  it('api-key reaches no API as a user, whatever its scopes: there is no token to exchange', async () => {
    const { code, stdout } = await run('api-key', { API_KEY: demoApiKey }, ['orders_listOrders']).finished;
    expect(code).toBe(1);
    expect(stdout).toContain('the token exchange for API "orders" at provider "demo": you are signed in at provider "keys"');
  });

  it('api-key with a wrong key is refused', async () => {
    expect(await run('api-key', { API_KEY: `${demoApiKey}x` }).finished).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/unauthorized|401/i) });
  });
});

describe('the tools of the API key', () => {
  it('exist for its role alone', async () => {
    const list = async (headers: Record<string, string>) => {
      const response = await fetch(demo.mcpUrl, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' });
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    };
    const { stdout } = await demo.run('token', 'alice');
    expect(await list({ 'x-api-key': demoApiKey })).toContain('docs_getOpenApi');
    expect(await list({ authorization: `Bearer ${stdout.trim()}` })).not.toContain('docs_getOpenApi');
  });
});

describe('examples/clients/README.md', () => {
  it('has the demo\'s own commands and secrets', () => {
    const commands = [...readme.matchAll(/`([^`]*node (examples\/\S+))`/g)];
    expect(commands).toHaveLength(4);
    for (const [, command = '', file = ''] of commands) {
      expect(existsSync(join(checkoutFolder, file))).toBe(true);
      for (const [, value] of command.matchAll(/(?:SECRET|KEY)=(\S+)/g)) expect([machineSecret, demoApiKey]).toContain(value);
    }
  });
});

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { TcpProxy } from '../tools/tcp-proxy.js';

const main = resolve(import.meta.dirname, '../../dist/main.js');

describe('a database that is down at the start', () => {
  it('is one clear line that names the setting and no password, and exit code 1', async () => {
    if (!existsSync(main)) throw new Error('dist is not built: run npm test, which builds first');
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-down-'));
    try {
      const file = join(folder, 'gatehouse.yaml');
      await writeFile(
        file,
        `
publicUrls: [http://localhost:3232]
database: { url: "env:DB", adminUrl: "env:DB" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] } }`,
      );
      const child = spawn(process.execPath, [main, 'serve', '--config', file], { env: { ...process.env, DB: 'postgresql://gatehouse:canary-password@127.0.0.1:1/gatehouse' } });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
      const code = await new Promise((done) => child.on('close', done));
      expect(code).toBe(1);
      expect(output.trim()).toMatch(/^gatehouse: Cannot use the database of database\.adminUrl: no connection \(ECONNREFUSED\)$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a database that goes down later', () => {
  let gateway: TestGateway;
  let proxy: TcpProxy;

  beforeAll(async () => {
    gateway = await startGateway({
      connect: async ({ url, adminUrl }) => {
        const way = await TcpProxy.before(url.reveal());
        proxy = way.proxy;
        return { url: new Secret(way.url), directUrl: new Secret(way.url), adminUrl };
      },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await proxy.close();
  });

  const ready = async () => (await fetch(`${gateway.url}/readyz`)).status;

  it('lets no call through, says so, and heals by itself', async () => {
    const token = await gateway.token();
    expect((await gateway.call(token, 'items_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
    const before = gateway.upstream.requests.length;

    proxy.isDown = true;
    proxy.cut();
    const failed = await gateway.call(token, 'items_getItem', { id: 'y' });
    expect(failed.error?.code ?? failed.result?.isError).toBeTruthy();
    expect(gateway.upstream.requests).toHaveLength(before);
    expect(await ready()).toBe(503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    // Tokens are verified and tools listed without the database.
    const list = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token });
    expect(await list.text()).toContain('items_getItem');

    proxy.isDown = false;
    const deadline = Date.now() + 15_000;
    let healed = false;
    while (!healed && Date.now() < deadline) {
      const answer = await gateway.call(token, 'items_getItem', { id: 'z' });
      healed = answer.result !== undefined && answer.result.isError !== true;
    }
    expect(healed).toBe(true);
    const back = Date.now() + 10_000;
    while ((await ready()) !== 200 && Date.now() < back) await new Promise((done) => setTimeout(done, 100));
    expect(await ready()).toBe(200);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { decodeJwt } from 'jose';
import { listenOnLoopback } from '../../demo/loopback/listen.js';
import { checkoutFolder } from '../../demo/paths.js';
import { assertPortsFree } from '../../demo/stack/free-ports.js';
import { stop, TestDemo } from './running-demo.js';

let demo: TestDemo;
let running: ChildProcess | undefined;

beforeEach(async () => {
  demo = await TestDemo.prepare();
  running = undefined;
});
afterEach(async () => {
  await stop(running);
  demo.remove();
}, 60_000);

describe('the demo', () => {
  it('--once tells the story, ends with 0 and leaves nothing outside the checkout', async () => {
    const { code, stdout, stderr } = await demo.run('main', '--once');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const words of ['alice gets her order', 'the API saw sub alice', 'bob of globex', 'carol signs in again for', 'no loop', 'the audit rows', 'checks held']) {
      expect(stdout).toContain(words);
    }
    const isLeftOutside = !demo.databaseHome.startsWith(checkoutFolder) && existsSync(demo.databaseHome);
    expect(isLeftOutside).toBe(false);
    await assertPortsFree(demo.ports, demo.portBase);
  }, 120_000);

  it('listens on both loopback families, serves, gives tokens, and takes its parts along when it is killed', async () => {
    running = await demo.serve();
    for (const port of Object.values(demo.ports)) {
      expect(await accepts('127.0.0.1', port)).toBe(true);
      expect(await accepts('::1', port)).toBe(hasIpv6);
    }
    const { code, stdout } = await demo.run('token', 'alice');
    expect(code).toBe(0);
    expect(decodeJwt(stdout.trim())).toMatchObject({ sub: 'alice', aud: demo.mcpUrl, tenant: 'acme', scope: 'openid orders:read orders:write' });
    const narrow = await demo.run('token', 'bob', '--audience', 'https://other.example', '--scope', 'orders:read');
    expect(decodeJwt(narrow.stdout.trim())).toMatchObject({ sub: 'bob', aud: 'https://other.example', scope: 'orders:read' });

    running.kill('SIGKILL');
    await expect(untilPortsFree()).resolves.toBe(true);
  }, 120_000);

  it('stops in order and with 0 at SIGTERM while it serves', async () => {
    running = await demo.serve();
    expect(await stop(running)).toBe(0);
    await assertPortsFree(demo.ports, demo.portBase);
  }, 120_000);

  it.each(['authorizationServer', 'ordersApi', 'wikiServer', 'gateway'] as const)('names the port of %s when it is taken, in one line', async (name) => {
    const taken = await listenOnLoopback((_request, response) => response.end(), demo.ports[name]);
    const { code, stdout, stderr } = await demo.run('main', '--once');
    await taken.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^demo: port ${demo.ports[name]} \\(.+\\) is in use: .+ --port-base \\d+\\n$`));
  });

  it('answers an unknown option with the usage', async () => {
    expect(await demo.run('main', '--twice')).toMatchObject({ code: 2, stderr: expect.stringMatching(/^demo: usage: .+\n$/) });
  });

  it('demo:token says in one line that no demo runs', async () => {
    expect(await demo.run('token', 'alice')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^demo:token: no demo answers at .+\n$/) });
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function untilPortsFree(): Promise<boolean> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const areFree = await assertPortsFree(demo.ports, demo.portBase).then(
      () => true,
      () => false,
    );
    if (areFree) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

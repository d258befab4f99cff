import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let canary: Server;
let port: number;
let connections = 0;

const hosts = ['127.0.0.1', '0x7f.1', '2130706433', '0177.0.0.1', '①②⑦.⓪.⓪.①', '[::ffff:a9fe:a9fe]', '[::ffff:7f00:1]', '[64:ff9b::a9fe:a9fe]', '[::]', '[::1]', '169.254.169.254', '168.63.129.16', 'localhost', 'localhost.', '[fd00:ec2::254]'];

beforeAll(async () => {
  canary = createServer((_, response) => response.end('{}'));
  canary.on('connection', () => connections++);
  await new Promise<void>((done) => canary.listen(0, done));
  port = (canary.address() as AddressInfo).port;
  gateway = await startGateway({
    tenants: ['acme'],
    change: (settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      settings['apis'] = hosts.map((host, index) => ({ ...api, name: `api-${index}`, baseUrl: `http://${host}:${port}` }));
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await new Promise((done) => canary.close(done));
});

/** Security attack 11. */
describe('an API at an address that nobody listed', () => {
  it.each(hosts.map((host, index) => [host, index] as const))('is never connected: %s', async (_, index) => {
    const answer = await gateway.call(await gateway.token(), `api-${index}_getItem`, { id: 'x' });
    expect(answer.result?.isError).toBe(true);
    expect(answer.result?.content?.[0]?.text).toMatch(/egress to .* is not allowed|cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
    expect(connections).toBe(0);
  });

  it('is connected once the operator lists it, so the refusals above are not for another reason', async () => {
    const listed = `api-${hosts.indexOf('localhost')}_getItem`;
    await gateway.apply((settings) => {
      (settings['egress'] as { allow: string[] }).allow.push(`localhost:${port}`);
    });
    const token = await gateway.token();
    const deadline = Date.now() + 20_000;
    let isError: boolean | undefined = true;
    while (isError && Date.now() < deadline) isError = (await gateway.call(token, listed, { id: 'x' })).result?.isError ?? false;
    expect(isError).toBe(false);
    expect(connections).toBeGreaterThan(0);
  });
});

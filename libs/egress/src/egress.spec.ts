import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { createEgressAgent, Egress, EgressPolicy } from './index.js';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((_, response) => response.end('reached'));
  server.on('connection', () => connections++);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((done) => server.close(done)));

/** What the agent's refusal says, or the status when it was let through. */
async function outcome(url: string, allow: readonly string[] = [], lookupFake?: unknown): Promise<string> {
  const egress = new Egress(new EgressPolicy(allow));
  const agent = createEgressAgent(() => egress, lookupFake ? { lookup: lookupFake as typeof lookup } : {});
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent });
    await body.dump();
    return String(statusCode);
  } catch (error) {
    return (error as Error & { code?: string }).code ?? String(error);
  } finally {
    await agent.destroy();
  }
}

const answers = (...addresses: string[]) => (_: string, __: object, callback: (error: null, list: object[]) => void) =>
  callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

describe('checked egress', () => {
  it.each([
    '127.0.0.1', '0x7f.1', '2130706433', '0177.0.0.1', '①②⑦.⓪.⓪.①', '[::ffff:a9fe:a9fe]', '[::ffff:7f00:1]', '[64:ff9b::a9fe:a9fe]',
    '[::]', '[::1]', '169.254.169.254', '168.63.129.16', 'localhost', '[fd00:ec2::254]', '10.0.0.1', '0.0.0.0',
  ])('refuses %s before a socket opens', async (host) => {
    const before = connections;
    expect(await outcome(`http://${host}:${port}/`)).toBe('egress_denied');
    expect(connections).toBe(before);
  });

  it('connects what the operator listed, by host, host and port, address or CIDR', async () => {
    for (const entry of ['127.0.0.1', `127.0.0.1:${port}`, '127.0.0.0/8']) {
      expect(await outcome(`http://127.0.0.1:${port}/`, [entry])).toBe('200');
    }
    expect(await outcome(`http://localhost:${port}/`, [`localhost:${port}`])).toBe('200');
  });

  it('does not take a listed host for another port or a trailing dot', async () => {
    expect(await outcome(`http://127.0.0.1:${port}/`, ['127.0.0.1:1'])).toBe('egress_denied');
    // Some resolvers know `localhost.` and some do not: here it is known.
    expect(await outcome(`http://localhost.:${port}/`, [`localhost:${port}`], answers('127.0.0.1'))).toBe('egress_denied');
  });

  it('refuses a name that answers with a loopback address', async () => {
    expect(await outcome(`http://api.example:${port}/`, [], answers('127.0.0.1'))).toBe('egress_denied');
  });

  it('connects only the checked address of a mixed answer', async () => {
    const before = connections;
    // 192.0.2.1 (TEST-NET) is not unicast for ipaddr.js, so both answers are refused.
    expect(await outcome(`http://api.example:${port}/`, [], answers('192.0.2.1', '127.0.0.1'))).toBe('egress_denied');
    expect(await outcome(`http://api.example:${port}/`, ['127.0.0.1/32'], answers('10.9.9.9', '127.0.0.1'))).toBe('200');
    expect(connections).toBe(before + 1);
  });

  it('looks a rebinding name up once for each connection, and connects what that answered', async () => {
    const rebinding = ['127.0.0.1', '169.254.169.254', '127.0.0.1'];
    let lookups = 0;
    const rebind = (name: string, options: object, callback: (error: null, list: object[]) => void) => answers(rebinding[lookups++] ?? '10.0.0.1')(name, options, callback);
    const url = `http://api.example:${port}/`;
    expect(await outcome(url, ['127.0.0.1/32'], rebind)).toBe('200');
    expect(lookups).toBe(1);
    expect(await outcome(url, ['127.0.0.1/32'], rebind)).toBe('egress_denied');
    expect(await outcome(url, ['127.0.0.1/32'], rebind)).toBe('200');
    expect(await outcome(url, ['127.0.0.1/32'], rebind)).toBe('egress_denied');
    expect(lookups).toBe(4);
  });

  it('knows its ranges', () => {
    const policy = new EgressPolicy(['10.1.0.0/16']);
    expect(policy.allowsAddress('10.1.2.3')).toBe(true);
    expect(policy.allowsAddress('10.2.2.3')).toBe(false);
    expect(policy.allowsAddress('93.184.215.14')).toBe(true);
    expect(policy.allowsAddress('2606:2800:21f:cb07:6820:80da:af6b:8b2c')).toBe(true);
    expect(policy.allowsAddress('fe80::1')).toBe(false);
    expect(() => new EgressPolicy(['not a host'])).toThrow('not a host');
  });
});

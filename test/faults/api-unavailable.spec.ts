import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
/** Takes connections and answers nothing, garbage or a reset. */
let rude: Server;
let behaviour: 'silent' | 'garbage' | 'reset' | 'half' = 'silent';

beforeAll(async () => {
  rude = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (behaviour === 'garbage') socket.end('\x16\x03\x01 this is not HTTP\r\n\r\n');
      if (behaviour === 'reset') socket.resetAndDestroy();
      if (behaviour === 'half') socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"half":');
    });
  });
  await new Promise<void>((done) => rude.listen(0, '127.0.0.1', done));
  const port = (rude.address() as AddressInfo).port;
  gateway = await startGateway({
    change: (settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      settings['apis'] = [
        api,
        { ...api, name: 'down', baseUrl: 'http://127.0.0.1:1' },
        { ...api, name: 'rude', baseUrl: `http://127.0.0.1:${port}`, timeout: '300ms' },
        { ...api, name: 'slow', timeout: '300ms' },
      ];
      (settings['egress'] as { allow: string[] }).allow.push('127.0.0.1:1', `127.0.0.1:${port}`);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  rude.close();
});

async function failureOf(tool: string, args: object = { id: 'x' }): Promise<string> {
  const { result } = await gateway.call(await gateway.token(), tool, args);
  expect(result?.isError).toBe(true);
  return result?.content?.[0]?.text ?? '';
}

async function lastOutcome(tool: string): Promise<string | null | undefined> {
  const tenant = gateway.app.get(TenantRegistry).find('acme')!;
  const rows = await readAudit(gateway.app.get(TenantDatabase), tenant, { limit: 200 });
  return rows.filter((row) => row.tool === tool && row.kind === 'outcome').toSorted((a, b) => String(a.at).localeCompare(String(b.at))).at(-1)?.result;
}

describe('an API that cannot answer', () => {
  it('is down: a tool error that says so, and an outcome that is a failure for certain', async () => {
    expect(await failureOf('down_getItem')).toBe('API "down" cannot be reached (ECONNREFUSED)');
    expect(await lastOutcome('down_getItem')).toBe('failure');
  });

  it('is slow: ends at the deadline, and nobody knows whether it ran', async () => {
    gateway.upstream.answerWith(() => new Promise((resolve) => setTimeout(() => resolve({}), 1_500)));
    const started = performance.now();
    expect(await failureOf('slow_createItem', { title: 'x' })).toBe('API "slow" did not answer within 0.3 s');
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await lastOutcome('slow_createItem')).toBe('unknown');
    gateway.upstream.answerWith(() => ({}));
  });

  it.each(['silent', 'garbage', 'reset', 'half'] as const)('answers with nothing usable: %s', async (kind) => {
    behaviour = kind;
    expect(await failureOf('rude_createItem', { title: 'x' })).toMatch(/^API "rude" (gave no complete answer|did not answer)/);
    expect(await lastOutcome('rude_createItem')).toBe('unknown');
  });

  it('answers with JSON that is none: its text is delivered, nothing breaks', async () => {
    gateway.upstream.answerWith(() => ({ body: '<html>{"half":' }));
    const { result } = await gateway.call(await gateway.token(), 'items_getItem', { id: 'x' });
    expect(result?.content?.[0]?.text).toContain('<html>');
    expect(result?.structuredContent).toBeUndefined();
  });

  it('answers with more than is read, also when it was small on the wire', async () => {
    gateway.upstream.answerWith(() => ({ body: Buffer.alloc(11 * 1024 * 1024, 32) }));
    expect(await failureOf('items_getItem')).toContain('more than');
    gateway.upstream.answerWith(() => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50 * 1024 * 1024, 32)) }));
    expect(await failureOf('items_getItem')).toMatch(/more than|no complete answer/);
    gateway.upstream.answerWith(() => ({ headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: gzipSync('{"fits":true}') }));
    const { result } = await gateway.call(await gateway.token(), 'items_getItem', { id: 'x' });
    expect(result?.structuredContent).toEqual({ fits: true });
  });

  it('answers 4xx or 5xx: the status and the body are there for the model', async () => {
    gateway.upstream.answerWith(() => ({ status: 422, headers: { 'content-type': 'application/problem+json' }, body: '{"title":"No such kind","detail":"kinds are a and b"}' }));
    const text = await failureOf('items_getItem');
    expect(text).toContain('422');
    expect(text).toContain('kinds are a and b');
    expect(await lastOutcome('items_getItem')).toBe('failure');
  });
});

describe('a client that goes away', () => {
  it('cancels a modern call: the API\'s request is aborted and the outcome is unknown', async () => {
    let aborted = false;
    const arrived = Promise.withResolvers<void>();
    gateway.upstream.answerWith(async () => {
      arrived.resolve();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return {};
    });
    const controller = new AbortController();
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
    const sent = gateway
      .post(
        { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_createItem', arguments: { title: 'x' }, _meta: meta } },
        { token: await gateway.token(), signal: controller.signal, headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'items_createItem' } },
      )
      .catch(() => (aborted = true));
    await arrived.promise;
    controller.abort();
    await sent;
    expect(aborted).toBe(true);
    const deadline = Date.now() + 5_000;
    while ((await lastOutcome('items_createItem')) === undefined && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await lastOutcome('items_createItem')).toBe('unknown');
  });
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

/** The status line that a raw request gets: fetch would normalise the target. */
function send(method: string, target: string, headers: readonly string[] = []): Promise<number> {
  const { host, port, hostname } = new URL(gateway.url);
  const withBody = !['GET', 'HEAD', 'OPTIONS'].includes(method);
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, ...(withBody ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : []), '', withBody ? body : ''];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(lines.join('\r\n')));
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('end', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])));
    socket.on('error', reject);
  });
}

const targets = ['/mcp', '//mcp', '/mcp/', '/MCP', '/%6dcp', '/mcp;a', '/mcp?x=1', '/./mcp', '/x/../mcp', '/mcp/../mcp', '/t/acme/mcp', '/t/acme/mcp/', '/T/acme/mcp', '//t/acme/mcp', '/t//mcp', '/t/acme//mcp', '/t/acme/%6dcp', '/authorize', '/token', '/register', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', '/admin', '/connections', '/metrics', '/'];

/** Security attack 23. */
describe('a request without a token', () => {
  it.each(targets)('never reaches a handler: %s', async (target) => {
    for (const method of ['POST', 'GET', 'HEAD', 'DELETE', 'PUT', 'PATCH']) {
      expect([401, 404, 405]).toContain(await send(method, target));
    }
  });

  it('is not let in by an absolute-form target or a method override', async () => {
    expect([401, 404, 405]).toContain(await send('POST', `${gateway.url}/mcp`));
    expect([401, 404, 405]).toContain(await send('GET', '/mcp', ['X-HTTP-Method-Override: POST']));
    expect([401, 404, 405]).toContain(await send('POST', '/healthz', ['X-Original-URL: /mcp', 'X-Rewrite-URL: /mcp']));
  });

  it('is answered by the public routes and by nothing else', async () => {
    const open = ['/healthz', '/readyz', '/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource/t/acme/mcp'];
    for (const target of open) expect(await send('GET', target)).toBe(200);
    expect(await send('GET', '/.well-known/oauth-protected-resource/t/nobody/mcp')).toBe(404);
    expect(await send('POST', '/mcp', [`Authorization: Bearer ${await gateway.token()}`])).toBe(200);
  });
});

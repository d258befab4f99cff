import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeMcpServer } from '../tools/fake-mcp-server.js';
import { namesOf, startFederation, textOf } from '../tools/federation.js';
import type { TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let servers: readonly FakeMcpServer[] = [];

afterEach(async () => {
  await gateway.stop();
  for (const server of servers) await server.stop();
});

/** Security attack 13, of another server. */
describe('a server that redirects', () => {
  it.each([301, 302, 307, 308])('with %i is not followed: neither the call nor its token goes elsewhere', async (status) => {
    const [server, elsewhere] = [await FakeMcpServer.start(), await FakeMcpServer.start()];
    servers = [server, elsewhere];
    // It may be connected, so that only the redirect itself keeps the call away.
    gateway = await startFederation({ wiki: server }, {}, { change: (settings) => (settings['egress'] as { allow: string[] }).allow.push(elsewhere.host) });
    server.answer = ({ method }, response) => method === 'tools/call' && (response.writeHead(status, { location: elsewhere.url }).end(), true);
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe(`MCP server "wiki" answered with a redirect (${status}), which is not followed`);
    expect(elsewhere.messages).toEqual([]);
  });

  it('while its definitions are read has nothing', async () => {
    const [server, elsewhere] = [await FakeMcpServer.start(), await FakeMcpServer.start()];
    servers = [server, elsewhere];
    server.answer = (_, response) => (response.writeHead(307, { location: elsewhere.url }).end(), true);
    gateway = await startFederation({ wiki: server }, {}, { change: (settings) => (settings['egress'] as { allow: string[] }).allow.push(elsewhere.host) });
    expect((await namesOf(gateway)).filter((name) => name.startsWith('wiki'))).toEqual([]);
    expect(elsewhere.messages).toEqual([]);
  });

  it('leads to no address that egress refuses by itself', async () => {
    const server = await FakeMcpServer.start();
    servers = [server];
    gateway = await startFederation({ wiki: server }, {}, { change: (settings) => void ((settings['egress'] as { allow: string[] }).allow = (settings['egress'] as { allow: string[] }).allow.filter((host) => host !== server.host)) });
    expect(await namesOf(gateway)).not.toContain('wiki_search');
    expect(server.messages).toEqual([]);
  });
});

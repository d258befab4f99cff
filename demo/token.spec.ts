import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server/server.js';
import { obtainToken } from './login/code-flow.js';
import { parseTokenOptions, tokenUsage } from './token.options.js';

describe('the options of demo:token', () => {
  it('default to the gateway and every scope', () => {
    expect(parseTokenOptions(['alice'])).toEqual({
      user: 'alice',
      issuer: 'http://localhost:3001',
      audience: 'http://localhost:3232/mcp',
      scope: 'openid orders:read orders:write',
    });
  });

  it('take any URL as audience, kept as written, with scope and ports', () => {
    expect(parseTokenOptions(['bob', '--audience', 'https://x.example', '--scope', 'orders:read', '--port-base', '4000'])).toEqual({
      user: 'bob',
      issuer: 'http://localhost:4001',
      audience: 'https://x.example',
      scope: 'orders:read',
    });
  });

  it.each([[[]], [['alice', 'bob']], [['alice', '--nope']]])('answer %j with the usage', (args) => {
    expect(() => parseTokenOptions(args)).toThrow(tokenUsage);
  });

  it.each([
    [['mallory'], 'unknown user "mallory"'],
    [['alice', '--audience', 'orders'], '--audience'],
    [['alice', '--audience', 'https://x.example/#f'], '--audience'],
    [['alice', '--scope', ''], '--scope'],
    [['alice', '--port-base', 'x'], '--port-base'],
  ])('refuse %j in one line', (args, reason) => {
    expect(() => parseTokenOptions(args)).toThrow(reason);
  });
});

describe('the token', () => {
  let server: AuthorizationServer;
  beforeAll(async () => {
    server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'x', gatewayUrls: ['http://localhost:3232'] });
  });
  afterAll(() => server.close());

  it.each(['http://localhost:3232/mcp', 'https://x.example', 'https://x.example/a?b=c'])('comes by the code flow with the audience %s exactly', async (resource) => {
    const tokens = await obtainToken({ issuer: server.issuer, user: 'alice', resource, scope: 'openid orders:read' });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: resource, sub: 'alice', scope: 'openid orders:read' });
  });
});

import { Secret } from '@gatehouse-mcp/oauth';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenVerifier } from '../../src/auth/token.verifier.js';
import { GATEWAY_SECRET, startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let servers: readonly [FakeIntrospection, FakeIntrospection];

beforeAll(async () => {
  servers = await Promise.all([FakeIntrospection.start(), FakeIntrospection.start()]);
  for (const server of servers) server.registerClient({ id: 'gatehouse', secret: GATEWAY_SECRET });
  const [a, b] = servers;
  const provider = (server: FakeIntrospection) => ({ preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: ['gatehouse'] });
  gateway = await startGateway({
    change: (settings) => {
      settings['providers'] = { ...(settings['providers'] as object), a: provider(a), b: provider(b) };
      settings['tenants'] = { acme: { rules: [{ provider: 'a' }] }, globex: { rules: [{ provider: 'b' }] } };
      (settings['egress'] as { allow: string[] }).allow.push(a.host, b.host);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(servers.map((server) => server.stop()));
});

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const statusAt = async (tenant: string, token: string) => (await gateway.post(list, { token, path: `/t/${tenant}/mcp` })).status;
const questions = () => servers.map(({ fetches }) => fetches.get('/introspect') ?? 0);
const members = (sub: string) => ({ sub, aud: 'gatehouse', exp: Math.floor(Date.now() / 1_000) + 300 });

/** Security attack 8. */
describe('an opaque token that provider A accepted, at provider B\'s door', () => {
  it('is asked about at B, which does not know it', async () => {
    const [a] = servers;
    a.activate('of-a', members('alice'));
    expect(await statusAt('acme', 'of-a')).toBe(200);
    const before = questions();
    expect(await statusAt('globex', 'of-a')).toBe(401);
    expect(questions()).toEqual([before[0], (before[1] ?? 0) + 1]);
    expect(await statusAt('acme', 'of-a')).toBe(200);
  });

  it('is whom B says it is, when B has the same text as a token of its own', async () => {
    const [a, b] = servers;
    a.activate('of-both', members('alice'));
    b.activate('of-both', members('bob'));
    const verifier = gateway.app.get(TokenVerifier);
    const verify = async (door: string) => (await verifier.verify(new Secret('of-both'), door)).caller;
    for (let time = 0; time < 2; time++) {
      const [atAcme, atGlobex] = await Promise.all([verify('acme'), verify('globex')]);
      expect(atAcme).toMatchObject({ provider: 'a', subject: 'alice', tenant: 'acme' });
      expect(atGlobex).toMatchObject({ provider: 'b', subject: 'bob', tenant: 'globex' });
    }
    b.end('of-both');
    b.activate('unseen', members('bob'));
    expect(await statusAt('acme', 'unseen')).toBe(401);
    expect(await statusAt('globex', 'unseen')).toBe(200);
  });

  it('is refused where no door says whose it is, and nobody is asked', async () => {
    const before = questions();
    expect((await gateway.post(list, { token: 'of-a' })).status).toBe(401);
    expect((await gateway.post(list, { token: 'of-a', path: '/t/nobody/mcp' })).status).toBe(401);
    expect(questions()).toEqual(before);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectProxy } from '@gatehouse-mcp/testing';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let proxy: ConnectProxy;

/** Hosts that a proxy would connect without a question. The last is known to the proxy only, and nobody listed it. */
const hosts = ['127.0.0.1', '0x7f.1', '2130706433', '[::ffff:a9fe:a9fe]', '[::]', '[::1]', '169.254.169.254', '168.63.129.16', 'localhost', '[fd00:ec2::254]', 'inside.acme.test'];
const LISTED = 'listed.acme.test';
const DENIED = 'denied.acme.test';
const REFUSED = 'refused.acme.test';

beforeAll(async () => {
  proxy = await ConnectProxy.start({ credentials: 'gatehouse:proxy-canary' });
  gateway = await startGateway({
    tenants: ['acme'],
    secrets: { PROXY_URL: `http://gatehouse:proxy-canary@${proxy.host}` },
    change: (settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      settings['apis'] = [...hosts, LISTED, DENIED, REFUSED].map((host, index) => ({ ...api, name: `api-${index}`, baseUrl: `http://${host}:8080` }));
      const { allow } = settings['egress'] as { allow: string[] };
      settings['egress'] = { allow: [...allow, LISTED, DENIED, REFUSED], deny: [`${DENIED}:8080`], proxy: 'env:PROXY_URL', noProxy: [allow[0]] };
    },
  });
  for (const host of [...hosts, LISTED, DENIED, REFUSED]) proxy.hosts.set(`${host}:8080`, new URL(gateway.upstream.url).host);
});
afterAll(async () => {
  await gateway.stop();
  await proxy.stop();
});

/** Security attack 11, where a proxy would do what the gateway must not. */
describe('an address that nobody listed, behind a proxy', () => {
  it.each(hosts.map((host, index) => [host, index] as const))('is never asked of it: %s', async (_, index) => {
    const answer = await gateway.call(await gateway.token(), `api-${index}_getItem`, { id: 'x' });
    expect(answer.result?.isError).toBe(true);
    expect(answer.result?.content?.[0]?.text).toMatch(/egress to .* is not allowed/);
    expect(proxy.authorities).toEqual([]);
    expect(gateway.upstream.requests).toHaveLength(0);
  });

  it('is not asked of it either when the operator denied what else is allowed', async () => {
    const answer = await gateway.call(await gateway.token(), `api-${hosts.length + 1}_getItem`, { id: 'x' });
    expect(answer.result?.content?.[0]?.text).toMatch(/egress to .* is denied by egress\.deny/);
    expect(proxy.authorities).toEqual([]);
  });

  it('is asked of it once it is listed by name, so the refusals above are not for another reason', async () => {
    const answer = await gateway.call(await gateway.token(), `api-${hosts.length}_getItem`, { id: 'x' });
    expect(answer.result?.isError).toBeFalsy();
    expect(proxy.authorities).toEqual([`${LISTED}:8080`]);
    expect(gateway.upstream.requests).toHaveLength(1);
  });

  it('tells nobody the password of the proxy', async () => {
    proxy.refusals.set(`${REFUSED}:8080`, 407);
    const answer = await gateway.call(await gateway.token(), `api-${hosts.length + 2}_getItem`, { id: 'x' });
    expect(answer.result?.content?.[0]?.text).toContain('the proxy refused the tunnel with 407');
    expect(JSON.stringify(answer)).not.toContain('canary');
    expect(JSON.stringify(gateway.upstream.requests)).not.toMatch(/canary|proxy-authorization/i);
  });
});

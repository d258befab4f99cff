import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, ConnectProxy, RecordingUpstream, TlsUpstream } from '@gatehouse-mcp/testing';
import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { request, type Dispatcher } from 'undici';
import { createEgressAgent, Egress, EgressPolicy, HttpProxy, NoProxyList, TlsMaterial, type EgressAgent } from './index.js';

const authority = new CertificateAuthority('Acme Test CA');
const other = new CertificateAuthority('Another CA');
const agents: EgressAgent[] = [];
let upstream: RecordingUpstream;
let secure: TlsUpstream;
let proxy: ConnectProxy;
let port: number;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  port = Number(new URL(upstream.url).port);
  secure = await TlsUpstream.start({ ...authority.issue(['api.acme.test', '127.0.0.1']), clientAuthority: authority.certificate, isOptional: true });
});
afterAll(async () => {
  await Promise.all([upstream.stop(), secure.stop()]);
});
beforeEach(async () => {
  proxy = await ConnectProxy.start({ credentials: 'gate:p@ss word' });
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.destroy()));
  await proxy.stop();
  upstream.requests.length = 0;
  secure.requests.length = 0;
});

function agentOf(egress: Egress | (() => Egress), resolve?: unknown): EgressAgent {
  const agent = createEgressAgent(typeof egress === 'function' ? egress : () => egress, resolve ? { lookup: resolve as typeof lookup } : {});
  agents.push(agent);
  return agent;
}

/** The status, or the code and message of what was thrown. */
async function outcome(url: string, dispatcher: Dispatcher): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return String(statusCode);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return `${code ?? ''} ${message}`;
  }
}

const proxied = (allow: readonly string[], more: { deny?: readonly string[]; noProxy?: readonly string[]; tls?: TlsMaterial } = {}) =>
  new Egress(new EgressPolicy(allow, more.deny), {
    proxy: new HttpProxy(`http://gate:${encodeURIComponent('p@ss word')}@${proxy.host}`),
    noProxy: new NoProxyList(more.noProxy),
    ...(more.tls ? { tls: more.tls } : {}),
  });
const answers = (...addresses: string[]) => (_: string, __: object, callback: (error: null, list: object[]) => void) =>
  callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const unknown = (_: string, __: object, callback: (error: Error, list: object[]) => void) => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);

describe('egress through a proxy', () => {
  it('asks it for a tunnel for http and https, with its credentials, and TLS is the peer\'s end to end', async () => {
    proxy.hosts.set('api.acme.test:443', `127.0.0.1:${secure.port}`).set('api.acme.test:80', `127.0.0.1:${port}`);
    const agent = agentOf(proxied(['api.acme.test'], { tls: new TlsMaterial(authority.certificate) }), unknown);
    expect(await outcome('https://api.acme.test/a', agent)).toBe('200');
    expect(await outcome('http://api.acme.test/b', agent)).toBe('200');
    expect(proxy.authorities).toEqual(['api.acme.test:443', 'api.acme.test:80']);
    expect(secure.requests).toEqual([expect.objectContaining({ path: '/a', serverName: 'api.acme.test' })]);
    expect(upstream.last).toMatchObject({ path: '/b', headers: { host: 'api.acme.test' } });
    expect(JSON.stringify(upstream.last.rawHeaders)).not.toMatch(/proxy/i);
  });

  it('believes no certificate of another name or another authority', async () => {
    proxy.hosts.set('pay.acme.test:443', `127.0.0.1:${secure.port}`).set('api.acme.test:443', `127.0.0.1:${secure.port}`);
    const tls = new TlsMaterial(authority.certificate);
    expect(await outcome('https://pay.acme.test/', agentOf(proxied(['pay.acme.test'], { tls }), unknown))).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(await outcome('https://api.acme.test/', agentOf(proxied(['api.acme.test']), unknown))).toMatch(/^SELF_SIGNED_CERT_IN_CHAIN/);
    expect(secure.requests).toHaveLength(0);
  });

  it.each(['169.254.169.254', '127.0.0.1', '[::1]', '[::ffff:a9fe:a9fe]', '0x7f.1', 'localhost'])('asks for no tunnel to %s', async (host) => {
    expect(await outcome(`http://${host}:${port}/`, agentOf(proxied([])))).toMatch(/^egress_denied/);
    expect(proxy.authorities).toEqual([]);
  });

  it('refuses a name when one of its addresses here may not be connected, and one that is not known here and not listed', async () => {
    expect(await outcome('http://api.acme.test/', agentOf(proxied([]), answers('93.184.215.14', '10.0.0.1')))).toMatch(/^egress_denied .*through the proxy \(93\.184\.215\.14, 10\.0\.0\.1\)/);
    expect(await outcome('http://api.acme.test/', agentOf(proxied([]), unknown))).toMatch(/^egress_denied/);
    expect(await outcome('http://api.acme.test/', agentOf(proxied(['10.0.0.0/8']), unknown))).toMatch(/^egress_denied/);
    expect(proxy.authorities).toEqual([]);
    proxy.hosts.set('api.acme.test:80', `127.0.0.1:${port}`);
    expect(await outcome('http://api.acme.test/', agentOf(proxied([]), answers('93.184.215.14')))).toBe('200');
    expect(await outcome('http://api.acme.test/', agentOf(proxied(['api.acme.test']), unknown))).toBe('200');
  });

  it('looks a name up once at a time, and not again for a while after it could not', async () => {
    let lookups = 0;
    const slow = (name: string, options: object, callback: Parameters<typeof unknown>[2]) => {
      lookups++;
      setTimeout(() => unknown(name, options, callback), 30);
    };
    const agent = agentOf(proxied(['api.acme.test'], { deny: ['10.0.0.0/8'] }), slow);
    proxy.hosts.set('api.acme.test:80', `127.0.0.1:${port}`);
    expect(await Promise.all(Array.from({ length: 10 }, () => outcome('http://api.acme.test/', agent)))).toEqual(Array.from({ length: 10 }, () => '200'));
    expect(proxy.authorities.length).toBeGreaterThan(1);
    expect(lookups).toBe(1);
    // An answer is asked for each time: it may have changed.
    let answered = 0;
    const known = agentOf(proxied([]), (name: string, options: object, callback: Parameters<ReturnType<typeof answers>>[2]) => answers(answered++ === 0 ? '93.184.215.14' : '10.0.0.1')(name, options, callback));
    expect(await outcome('http://api.acme.test/', known)).toBe('200');
    await new Promise((done) => setTimeout(done, 20));
    proxy.refusals.set('api.acme.test:80', 403);
    expect((await Promise.all([1, 2].map(() => outcome('http://api.acme.test/', known)))).some((said) => said.startsWith('egress_denied'))).toBe(true);
  });

  it('denies a listed name that leads to a denied address', async () => {
    expect(await outcome('http://api.acme.test/', agentOf(proxied(['api.acme.test'], { deny: ['10.0.0.0/8'] }), answers('10.1.2.3')))).toMatch(/^egress_denied .*is denied by egress\.deny$/);
    expect(proxy.authorities).toEqual([]);
  });

  it('says what the proxy answered, and never its password', async () => {
    proxy.refusals.set('api.acme.test:80', 403);
    const agent = agentOf(proxied(['api.acme.test']), unknown);
    expect(await outcome('http://api.acme.test/', agent)).toBe(' the proxy refused the tunnel with 403');
    const wrong = agentOf(new Egress(new EgressPolicy(['api.acme.test']), { proxy: new HttpProxy(`http://gate:wrong-canary@${proxy.host}`) }), unknown);
    const said = await outcome('http://api.acme.test/', wrong);
    expect(said).toBe(' the proxy refused the tunnel with 407: it wants other credentials');
    const silent = agentOf(new Egress(new EgressPolicy(['api.acme.test']), { proxy: new HttpProxy('http://gate:canary@127.0.0.1:1') }), unknown);
    expect(await outcome('http://api.acme.test/', silent)).toBe(' the proxy opened no tunnel (ECONNREFUSED)');
  });

  it('connects directly what noProxy names, by the same policy', async () => {
    expect(await outcome(`http://127.0.0.1:${port}/`, agentOf(proxied([`127.0.0.1:${port}`], { noProxy: ['127.0.0.0/8'] })))).toBe('200');
    expect(await outcome(`http://127.0.0.1:${port}/`, agentOf(proxied([], { noProxy: ['*'] })))).toMatch(/^egress_denied/);
    expect(proxy.authorities).toEqual([]);
  });
});

describe('certificates', () => {
  it('an added authority is trusted besides the system\'s', async () => {
    const url = `https://127.0.0.1:${secure.port}/`;
    const egress = (tls?: TlsMaterial) => new Egress(new EgressPolicy(['127.0.0.1']), tls ? { tls } : {});
    expect(await outcome(url, agentOf(egress()))).not.toBe('200');
    expect(await outcome(url, agentOf(egress(new TlsMaterial(other.certificate))))).not.toBe('200');
    expect(await outcome(url, agentOf(egress(new TlsMaterial(other.certificate + authority.certificate))))).toBe('200');
  });

  it('a client certificate is shown to its hosts and to nobody else', async () => {
    const own = authority.issue(['gatehouse']);
    const tls = new TlsMaterial(authority.certificate, [{ hosts: ['api.acme.test:8443'], ...own }]);
    proxy.hosts.set('api.acme.test:8443', `127.0.0.1:${secure.port}`).set('api.acme.test:443', `127.0.0.1:${secure.port}`);
    const agent = agentOf(proxied(['api.acme.test', '127.0.0.1'], { tls, noProxy: ['127.0.0.1'] }), unknown);
    for (const url of ['https://api.acme.test:8443/', 'https://api.acme.test/', `https://127.0.0.1:${secure.port}/`]) expect(await outcome(url, agent)).toBe('200');
    expect(secure.requests.map(({ client }) => client)).toEqual(['gatehouse', undefined, undefined]);
  });

  it('that are none, or do not fit their keys, are refused', () => {
    const [one, two] = [authority.issue(['a']), authority.issue(['b'])];
    expect(() => new TlsMaterial('no PEM')).toThrow('holds no PEM certificate');
    expect(() => new TlsMaterial(authority.certificate.replace('MII', 'XXX'))).toThrow('certificate 1 of the PEM cannot be read');
    expect(() => new TlsMaterial(undefined, [{ hosts: ['a'], certificate: one.certificate, privateKey: two.privateKey }])).toThrow('does not belong');
  });
});

describe('the lists of a tenant', () => {
  const withTenants = () =>
    new Egress(new EgressPolicy(), {}, new Map([
      ['acme', new EgressPolicy([], [], { setting: 'tenants.acme.egress', lists: { allow: [`127.0.0.1:${port}`], deny: [] } })],
      ['twin', new EgressPolicy([], [], { setting: 'tenants.twin.egress', lists: { allow: [`127.0.0.1:${port}`], deny: [] } })],
      ['strict', new EgressPolicy(['127.0.0.1'], [], { setting: 'tenants.strict.egress', lists: { allow: [], deny: ['127.0.0.1'] } })],
    ]));

  it('add for this tenant only, whatever sockets are open', async () => {
    const agent = agentOf(withTenants());
    expect(await outcome(upstream.url, agent.forTenant('acme'))).toBe('200');
    for (const dispatcher of [agent.forTenant('globex'), agent]) expect(await outcome(upstream.url, dispatcher)).toMatch(/^egress_denied/);
    expect(await outcome(upstream.url, agent.forTenant('strict'))).toMatch(/is denied by tenants\.strict\.egress\.deny$/);
    expect(await outcome(upstream.url, agent.forTenant('acme'))).toBe('200');
    expect(upstream.requests).toHaveLength(2);
  });

  it('share sockets where they are the same', () => {
    const egress = withTenants();
    expect(egress.rulesOf('twin')).toBe(egress.rulesOf('acme'));
    expect(egress.rulesOf('globex')).toBe(egress.rules);
  });
});

describe('a changed configuration', () => {
  it('acts on the next request, although a socket is open, and lets go on what has not changed', async () => {
    let release = (): void => undefined;
    const slow = await RecordingUpstream.start(() => new Promise((done) => {
      release = () => done({});
    }));
    const { host } = new URL(slow.url);
    let egress = new Egress(new EgressPolicy([host]));
    const agent = agentOf(() => egress);
    const pending = outcome(slow.url, agent);
    while (slow.requests.length === 0) await new Promise((done) => setTimeout(done, 5));
    const held = agent.forTenant('acme');
    egress = new Egress(new EgressPolicy([]));
    expect(await outcome(slow.url, agent)).toMatch(/^egress_denied/);
    expect(await outcome(slow.url, held)).toMatch(/^egress_denied/);
    release();
    // What was under way is not cut off.
    expect(await pending).toBe('200');
    egress = new Egress(new EgressPolicy([host]));
    slow.answerWith(() => ({}));
    expect(await outcome(slow.url, agent)).toBe('200');
    await slow.stop();
  });

  it('keeps the sockets when another revision says the same of egress, and closes them when it does not', async () => {
    const sockets = new Set<Socket>();
    let opened = 0;
    const server = createServer((_, response) => response.end('{}')).on('connection', (socket) => {
      opened++;
      sockets.add(socket.on('close', () => sockets.delete(socket)));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let egress = new Egress(new EgressPolicy(['127.0.0.1']));
    const agent = agentOf(() => egress);
    expect(await outcome(url, agent)).toBe('200');
    // The socket is free again a moment after the answer.
    await new Promise((done) => setTimeout(done, 50));
    egress = new Egress(new EgressPolicy(['127.0.0.1']));
    expect(await outcome(url, agent)).toBe('200');
    expect(opened).toBe(1);
    egress = new Egress(new EgressPolicy(['127.0.0.1']), { tls: new TlsMaterial(authority.certificate) });
    expect(await outcome(url, agent)).toBe('200');
    expect(opened).toBe(2);
    while (sockets.size > 1) await new Promise((done) => setTimeout(done, 5));
    await agent.destroy();
    await new Promise((done) => server.close(done));
  });

  it('takes no request after its end', async () => {
    const agent = agentOf(new Egress(new EgressPolicy(['127.0.0.1'])));
    await agent.destroy();
    expect(await outcome(upstream.url, agent)).toMatch(/destroyed/i);
  });
});

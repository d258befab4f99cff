import { createServer as createTlsServer, type Server } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CertificateAuthority, ConnectProxy, RecordingUpstream, TlsUpstream } from '@gatehouse-mcp/testing';
import { Logger } from '@nestjs/common';
import { itemsDocument, startGateway, type TestGateway } from '../tools/gateway.js';

const authority = new CertificateAuthority('Acme Corporate CA');
const client = authority.issue(['gatehouse.acme.test']);
const closing: (() => Promise<unknown>)[] = [];
let proxy: ConnectProxy;
let documents: RecordingUpstream;
let api: TlsUpstream;
let partner: TlsUpstream;
let gateway: TestGateway;

/** TLS before a server that speaks none; the port behind it may become known later. */
async function startTls(name: string, behind: { port: number }): Promise<string> {
  const { certificate, privateKey } = authority.issue([name]);
  const server: Server = createTlsServer({ cert: certificate, key: privateKey, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const upstream = connect(behind.port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(async () => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const sso = { port: 0 };
  [proxy, documents] = await Promise.all([ConnectProxy.start({ credentials: 'gatehouse:proxy-secret' }), RecordingUpstream.start(() => ({ body: JSON.stringify(itemsDocument) }))]);
  const clients = { clientAuthority: authority.certificate };
  api = await TlsUpstream.start({ ...authority.issue(['api.acme.test']), ...clients });
  partner = await TlsUpstream.start({ ...authority.issue(['partner.acme.test']), ...clients, isOptional: true });
  closing.push(() => proxy.stop(), () => documents.stop(), () => api.stop(), () => partner.stop());
  proxy.hosts.set('sso.acme.test:443', await startTls('sso.acme.test', sso));
  proxy.hosts.set('docs.acme.test:443', await startTls('docs.acme.test', { port: Number(new URL(documents.url).port) }));
  proxy.hosts.set('api.acme.test:443', `127.0.0.1:${api.port}`);
  proxy.hosts.set('partner.acme.test:443', `127.0.0.1:${partner.port}`);
  gateway = await startGateway({
    tenants: ['acme'],
    secrets: { PROXY_URL: `http://gatehouse:proxy-secret@${proxy.host}`, CA: authority.certificate, CLIENT_CERTIFICATE: client.certificate, CLIENT_KEY: client.privateKey, NO_PROXY: 'localhost,127.0.0.0/8' },
    change: (settings) => {
      const { corp } = settings['providers'] as Record<string, { issuer: string }>;
      sso.port = Number(new URL(corp!.issuer).port);
      Object.assign(corp!, { jwksUri: 'https://sso.acme.test/jwks', tokenEndpoint: 'https://sso.acme.test/token' });
      const [local] = settings['apis'] as Record<string, unknown>[];
      settings['apis'] = [
        { ...local, name: 'local', credentials: [{ type: 'none' }] },
        { ...local, name: 'items', openapi: 'https://docs.acme.test/items.json', baseUrl: 'https://api.acme.test/v1' },
        { ...local, name: 'partner', baseUrl: 'https://partner.acme.test', credentials: [{ type: 'none' }] },
      ];
      const { allow } = settings['egress'] as { allow: string[] };
      settings['egress'] = {
        allow: [...allow, 'sso.acme.test', 'docs.acme.test', 'api.acme.test', 'partner.acme.test'],
        proxy: 'env:PROXY_URL',
        ca: 'env:CA',
        clientCertificates: [{ hosts: ['api.acme.test'], certificate: 'env:CLIENT_CERTIFICATE', privateKey: 'env:CLIENT_KEY' }],
      };
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(closing.map((close) => close()));
});

describe('egress through a corporate proxy, with an authority and a client certificate of the company\'s', () => {
  it('takes the import of a document there', () => {
    expect(proxy.authorities).toEqual(['docs.acme.test:443']);
    expect(documents.requests).toHaveLength(1);
  });

  it('takes keys, the exchange and the call there, and shows the certificate to the API that asks', async () => {
    const answer = await gateway.call(await gateway.token(), 'items_getItem', { id: 'x' });
    expect(answer.result?.isError).toBeFalsy();
    expect(proxy.count('sso.acme.test:443')).toBeGreaterThanOrEqual(2);
    expect(proxy.count('api.acme.test:443')).toBe(1);
    expect(gateway.issuer.fetches.get('/jwks')).toBe(1);
    expect(gateway.issuer.fetches.get('/token')).toBe(1);
    expect(api.requests).toEqual([{ method: 'GET', path: '/v1/items/x', client: 'gatehouse.acme.test', serverName: 'api.acme.test' }]);
  });

  it('shows the certificate to nobody else', async () => {
    expect((await gateway.call(await gateway.token(), 'partner_getItem', { id: 'x' })).result?.isError).toBeFalsy();
    expect(partner.requests).toEqual([expect.objectContaining({ client: undefined })]);
  });

  it('leaves direct what NO_PROXY names', async () => {
    expect((await gateway.call(await gateway.token(), 'local_getItem', { id: 'x' })).result?.isError).toBeFalsy();
    expect(gateway.upstream.requests).toHaveLength(1);
    expect(proxy.authorities.filter((asked) => asked.startsWith('127.'))).toEqual([]);
  });

  it('goes another way from the next call on when the configuration says so, and warns of what it names and may not reach', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    await gateway.apply((settings) => {
      settings['egress'] = { ...(settings['egress'] as object), deny: ['partner.acme.test'] };
    });
    const token = await gateway.token();
    const deadline = Date.now() + 20_000;
    let text: string | undefined;
    while (text?.includes('denied by egress.deny') !== true && Date.now() < deadline) text = (await gateway.call(token, 'partner_getItem', { id: 'x' })).result?.content?.[0]?.text;
    expect(text).toContain('denied by egress.deny');
    expect(warn.mock.calls.map(([line]) => line)).toContainEqual(expect.stringMatching(/^apis\[2\]\.baseUrl: egress refuses partner\.acme\.test:443 \(egress\.deny: partner\.acme\.test\)/));
    warn.mockRestore();
  });

  it.each<[string, object, RegExp]>([
    ['a PEM that is none', { ca: 'env:GATEHOUSE_SECRET' }, /egress\.ca: holds no PEM certificate/],
    ['a proxy whose variable is not set', { proxy: 'env:OTHER_PROXY' }, /egress\.proxy: environment variable OTHER_PROXY is not set/],
    ['a proxy that is no URL', { proxy: 'env:GATEHOUSE_SECRET' }, /egress\.proxy: is no URL of a proxy/],
    ['a key of another certificate', { clientCertificates: [{ hosts: ['a'], certificate: 'env:CA', privateKey: 'env:CLIENT_KEY' }] }, /egress\.clientCertificates\[0\]\.privateKey: does not belong/],
    ['two certificates for a host', { clientCertificates: [1, 2].map(() => ({ hosts: ['a'], certificate: 'env:CLIENT_CERTIFICATE', privateKey: 'env:CLIENT_KEY' })) }, /clientCertificates\[1\]\.hosts\[0\]: has a certificate already/],
    ['an entry that is none', { deny: ['1.2.3.4/99'] }, /egress\.deny\[0\]: must be a host/],
    ['an exemption that is none', { noProxy: ['192.168.*'] }, /egress\.noProxy\[0\]: must be a host/],
  ])('refuses the whole revision for %s, naming the key', async (_, change, message) => {
    let before: unknown;
    const failure = await gateway
      .apply((settings) => {
        before = settings['egress'];
        settings['egress'] = { ...(before as object), ...change };
      })
      .catch((error: unknown) => String(error));
    await gateway.apply((settings) => {
      settings['egress'] = before;
    });
    expect(failure).toMatch(message);
    expect(failure).not.toContain(gateway.secret);
  });
});

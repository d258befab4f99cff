import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CertificateAuthority, ConnectProxy, FakeIssuer, findFreePort, RecordingUpstream, TlsUpstream } from '@gatehouse-mcp/testing';
import { dump } from 'js-yaml';
import { describeSteps, type Step } from '../auth/doctor/step.js';
import { parseConfiguration } from '../config/configuration.file.js';
import { describeRefusedHosts } from '../config/egress.endpoints.js';
import { readEgress } from '../config/live-egress.js';
import { SecretReader } from '../config/secret-reference.js';
import { runCommand } from './command-line.js';
import { diagnoseNetwork } from './doctor.network.js';

const authority = new CertificateAuthority('Acme Corporate CA');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'));
let issuer: FakeIssuer;
let api: TlsUpstream;
let old: TlsUpstream;
let upstream: RecordingUpstream;
let proxy: ConnectProxy;
let environment: Record<string, string>;

beforeAll(async () => {
  [issuer, proxy, upstream] = await Promise.all([FakeIssuer.start(), ConnectProxy.start({ credentials: 'gatehouse:proxy-canary' }), RecordingUpstream.start()]);
  api = await TlsUpstream.start(authority.issue(['api.acme.test', '127.0.0.1']));
  old = await TlsUpstream.start(authority.issue(['127.0.0.1'], { notAfter: new Date('2021-01-01') }));
  const document = { openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: `${upstream.url}/v1` }], paths: { '/a': { get: { operationId: 'a' } } } };
  writeFileSync(join(folder, 'items.json'), JSON.stringify(document));
  environment = { PROXY: `http://gatehouse:proxy-canary@${proxy.host}`, WRONG_PROXY: `http://gatehouse:wrong-canary@${proxy.host}`, NO_PROXY: '127.0.0.0/8', CA: authority.certificate };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([issuer.stop(), proxy.stop(), upstream.stop(), api.stop(), old.stop()]);
});

function configure(baseUrl: string | undefined, egress: object): Record<string, unknown> {
  return {
    publicUrls: ['https://mcp.acme.example'],
    database: { url: 'env:PROXY' },
    providers: { corp: { preset: 'oidc', issuer: issuer.url } },
    tenants: { acme: { rules: [{ provider: 'corp' }], egress: { allow: [], deny: ['denied.acme.test'] } } },
    apis: [{ name: 'items', tenant: 'acme', openapi: 'file:./items.json', ...(baseUrl === undefined ? {} : { baseUrl }), credentials: [{ type: 'none' }] }],
    egress,
  };
}

/** The steps and the text that is shown, which holds no password. */
async function diagnose(baseUrl: string | undefined, egress: object): Promise<{ steps: readonly Step[]; shown: string }> {
  const settings = parseConfiguration(dump(configure(baseUrl, egress)), 'gatehouse.yaml');
  const steps = await diagnoseNetwork({ settings, egress: readEgress(settings, new SecretReader(folder, environment)), folder, isNoProxyOfEnvironment: settings.egress.noProxy === undefined });
  const shown = describeSteps(steps);
  expect(shown).not.toMatch(/canary/);
  return { steps, shown };
}

describe('gatehouse doctor network', () => {
  it('goes the whole way to what the providers\' metadata and the documents name too', async () => {
    const { shown, steps } = await diagnose(undefined, { allow: ['127.0.0.1'] });
    expect(steps.filter(({ result }) => result === 'problem')).toEqual([]);
    expect(shown).toContain(`  ok   providers.corp.issuer: ${issuer.url}/.well-known/openid-configuration`);
    expect(shown).toContain(`  ok   providers.corp (jwks_uri of its metadata): ${issuer.url}/jwks`);
    expect(shown).toContain(`  ok   apis[0] (server of its document): ${upstream.url}, for tenant acme`);
    expect(shown).toMatch(/ok {3}apis\[0\] .* policy: allowed: egress\.allow: 127\.0\.0\.1\n/);
    expect(shown).toMatch(/ok {3}apis\[0\] .* http: 200 without credentials/);
  });

  it('says which entry and which authority decided, and which way it took', async () => {
    const { shown } = await diagnose(`https://127.0.0.1:${api.port}`, { allow: ['127.0.0.0/8'], proxy: 'env:PROXY', ca: 'env:CA' });
    expect(shown).toContain(`  ok   egress.proxy: ${proxy.host}, with credentials`);
    expect(shown).toContain('  ok   apis[0].baseUrl policy: allowed: egress.allow: 127.0.0.0/8');
    expect(shown).toContain('  ok   apis[0].baseUrl way: directly, by "127.0.0.0/8" in the variable NO_PROXY');
    expect(shown).toMatch(/ok {3}apis\[0\]\.baseUrl tls: TLSv1\.3, CN=api\.acme\.test, issued by CN=Acme Corporate CA, \d+ days left, trusted by egress\.ca \(CN=Acme Corporate CA\)/);
    expect(api.requests.at(-1)).toMatchObject({ method: 'HEAD' });
  });

  it('looks through the proxy, where the name is known to nobody else', async () => {
    proxy.hosts.set('api.acme.test:443', `127.0.0.1:${api.port}`);
    const egress = { allow: ['127.0.0.1', 'api.acme.test'], proxy: 'env:PROXY', ca: 'env:CA' };
    const { shown, steps } = await diagnose('https://api.acme.test', egress);
    expect(steps.filter(({ result }) => result === 'problem')).toEqual([]);
    expect(shown).toMatch(/note {2}apis\[0\]\.baseUrl dns: \w+ here; the proxy looks the name up/);
    expect(shown).toContain(`apis[0].baseUrl way: through the proxy ${proxy.host}`);
    const unlisted = await diagnose('https://api.acme.test', { ...egress, allow: ['127.0.0.1'] });
    expect(unlisted.shown).toMatch(/FAIL {2}apis\[0\]\.baseUrl policy: refused: the name cannot be looked up here[^\n]*\n\s+→ only the proxy can look the name up: add api\.acme\.test:443 to egress\.allow, or tenants\.acme\.egress\.allow/);
  });

  it.each<[string, () => string | Promise<string>, object, RegExp]>([
    ['a private address that nobody listed', () => 'http://10.1.2.3', {}, /FAIL {2}apis\[0\]\.baseUrl policy: refused: the address is not public[^\n]*\n\s+→ if it is meant, add 10\.1\.2\.3:80 to egress\.allow/],
    ['an entry of deny', () => 'https://denied.acme.test', { allow: ['127.0.0.1', 'denied.acme.test'], proxy: 'env:PROXY' }, /policy: refused: tenants\.acme\.egress\.deny: denied\.acme\.test\n\s+→ take the entry out/],
    ['a name that nobody knows', () => 'https://nowhere.acme.invalid', {}, /FAIL {2}apis\[0\]\.baseUrl dns: E\w+\n\s+→ compare the name at apis\[0\]\.baseUrl/],
    ['a port where nobody listens', async () => `http://127.0.0.1:${await findFreePort()}`, {}, /FAIL {2}apis\[0\]\.baseUrl connection: ECONNREFUSED\n\s+→ a firewall may be between/],
    ['an authority that is not trusted', () => `https://127.0.0.1:${api.port}`, {}, /FAIL {2}apis\[0\]\.baseUrl tls: .*issued by CN=Acme Corporate CA.*: UNABLE_TO_VERIFY_LEAF_SIGNATURE\n\s+→ add the certificate authority \(CN=Acme Corporate CA\) to the PEM of egress\.ca/],
    ['a certificate that has expired', () => `https://127.0.0.1:${old.port}`, { ca: 'env:CA' }, /tls: .*CERT_HAS_EXPIRED\n\s+→ 127\.0\.0\.1 has to renew its certificate/],
    ['a certificate for other names', () => `https://localhost:${api.port}`, { allow: ['localhost', '127.0.0.1'], ca: 'env:CA' }, /tls: .*ERR_TLS_CERT_ALTNAME_INVALID\n\s+→ the certificate is for other names/],
    ['a server without TLS', () => upstream.url.replace('http:', 'https:'), {}, /FAIL {2}apis\[0\]\.baseUrl tls: [^\n]*\n\s+→ no TLS is spoken/],
    ['a proxy with other credentials', () => 'https://api.acme.test', { allow: ['127.0.0.1', 'api.acme.test'], proxy: 'env:WRONG_PROXY' }, /connection: the proxy refused the tunnel with 407[^\n]*\n\s+→ give user and password/],
  ])('says what to change for %s', async (_, baseUrl, egress, shown) => {
    expect((await diagnose(await baseUrl(), { allow: ['127.0.0.1'], ...egress })).shown).toMatch(shown);
  });

  it('is a command that fails when something cannot be reached', async () => {
    const output: string[] = [];
    const spy = jest.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(file, dump(configure('http://10.1.2.3', { allow: ['127.0.0.1'] })));
    expect(await runCommand(['doctor', 'network', '--config', file, '--json'], environment)).toBe(1);
    expect(JSON.parse(output.join(''))).toMatchObject({ accepted: false });
    writeFileSync(file, dump(configure(undefined, { allow: ['127.0.0.1'] })));
    expect(await runCommand(['doctor', 'network', '--config', file], environment)).toBe(0);
    expect(output.at(-1)).toContain('no problem found');
    spy.mockRestore();
  });
});

describe('the warnings at start', () => {
  const linesOf = (baseUrl: string, egress: object) => {
    const settings = parseConfiguration(dump(configure(baseUrl, egress)), 'gatehouse.yaml');
    return describeRefusedHosts(settings, readEgress(settings, new SecretReader(folder, environment)));
  };

  it('name the setting and the host that the lists refuse, without asking anybody', () => {
    expect(linesOf('http://10.1.2.3', {})).toEqual([expect.stringMatching(/^providers\.corp\.issuer: egress refuses 127\.0\.0\.1:\d+/), expect.stringMatching(/^apis\[0\]\.baseUrl: egress refuses 10\.1\.2\.3:80 \(the address is not public/)]);
    expect(linesOf('https://denied.acme.test', { allow: ['127.0.0.1'] })).toEqual([expect.stringContaining('denied.acme.test:443 (tenants.acme.egress.deny: denied.acme.test)')]);
    expect(linesOf('https://api.acme.test', { allow: ['127.0.0.1'] })).toEqual([]);
  });
});

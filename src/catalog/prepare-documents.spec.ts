import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseConfiguration } from '../config/configuration.file.js';
import { readEgress } from '../config/live-egress.js';
import { SecretReader } from '../config/secret-reference.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import { prepareDocuments } from './prepare-documents.js';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-documents-'));
let server: Server;
let url: string;
const answers: Record<string, [number, string]> = {};

beforeAll(async () => {
  server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, ''];
    response.writeHead(status, status === 302 ? { location: '/good.json' } : {}).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((done) => server.close(done));
});

const good = JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: 'https://api.example' }], paths: { '/a': { get: { operationId: 'a' } } } });

function settings(openapi: string, allow: readonly string[] = []): LiveSettings {
  return parseConfiguration(
    `
publicUrls: [https://mcp.acme.example]
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] } }
apis: [{ name: orders, tenant: acme, openapi: ${JSON.stringify(openapi)}, credentials: [{ type: none }] }]
egress: { allow: ${JSON.stringify(allow)} }`,
    'gatehouse.yaml',
  );
}

const prepare = (of: LiveSettings) => prepareDocuments(of, folder, readEgress(of, new SecretReader(folder, {})));

describe('the OpenAPI document of an API', () => {
  it.each([
    ['missing', undefined, /apis\[0\]\.openapi: the file does not exist/],
    ['empty', '', /apis\[0\]\.openapi: The document is empty/],
    ['HTML', '<!doctype html><html><body>Sign in</body></html>', /apis\[0\]\.openapi: .*HTML/],
    ['neither JSON nor YAML', '{"openapi": "3.1.0", ', /apis\[0\]\.openapi: /],
    ['something else', '{"hello": "world"}', /apis\[0\]\.openapi: .*openapi/],
    ['without a server, where no baseUrl is given', good.replace('"servers"', '"x-servers"'), /apis\[0\]\.baseUrl: is missing/],
  ])('is refused when it is %s', async (kind, text, message) => {
    const name = `${kind.replaceAll(' ', '-')}.json`;
    if (text !== undefined) writeFileSync(join(folder, name), text);
    await expect(prepare(settings(`file:./${name}`))).rejects.toThrow(message);
  });

  it('works but for its one broken operation, which is reported', async () => {
    const broken = JSON.parse(good) as { paths: Record<string, unknown> };
    broken.paths['/broken'] = { get: 'not an operation' };
    broken.paths['/x/{id}'] = { get: { operationId: 'x', parameters: [{ name: 'id', in: 'path', required: true, schema: { $ref: '#/nowhere' } }] } };
    writeFileSync(join(folder, 'broken.json'), JSON.stringify(broken));
    const [prepared] = await prepare(settings('file:./broken.json'));
    expect(prepared?.tools).toBe(2);
    expect(prepared?.report.filter(({ status }) => status === 'skipped')).toEqual([expect.objectContaining({ key: expect.stringContaining('/broken'), reason: expect.any(String) })]);
  });

  it('is fetched from a URL only where egress allows it, and no redirect is followed', async () => {
    Object.assign(answers, { '/good.json': [200, good], '/moved.json': [302, ''], '/gone.json': [410, ''] });
    const host = new URL(url).host;
    await expect(prepare(settings(`${url}/good.json`))).rejects.toThrow(/apis\[0\]\.openapi: .*not allowed/);
    await expect(prepare(settings(`${url}/moved.json`, [host]))).rejects.toThrow(/answered 302/);
    await expect(prepare(settings(`${url}/gone.json`, [host]))).rejects.toThrow(/answered 410/);
    expect((await prepare(settings(`${url}/good.json`, [host])))[0]?.tools).toBe(1);
  });
});

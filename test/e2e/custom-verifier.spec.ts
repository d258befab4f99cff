import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { check } from '../../src/cli/check.command.js';
import { loadConfiguration } from '../../src/config/configuration.file.js';
import { liveSchema } from '../../src/config/configuration.schema.js';
import { storeRevision } from '../../src/database/revisions.apply.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'examples', 'custom-verifier');
const example = load(readFileSync(join(folder, 'gatehouse.yaml'), 'utf8')) as { providers: { portal: Record<string, unknown> } };
const environment = { PORTAL_TICKET_KEY: 'the portal\'s key, longer than 32 characters' };
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let gateway: TestGateway;
let broken: string;

/** The example's own program makes the tickets. */
const run = (args: readonly string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, args, { env: { PATH: process.env['PATH'], ...environment }, cwd: folder }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }));
  });
const ticket = async (content: object) => (await run([join(folder, 'ticket.mjs'), JSON.stringify({ user: 'u-17', site: 'agents', groups: ['sales'], ...content })])).stdout.trim();

function addPortal(settings: Settings): void {
  const { providers, tenants, apis } = settings as { providers: Record<string, unknown>; tenants: Record<string, { rules: object[] }>; apis: Record<string, unknown>[] };
  providers['portal'] = { ...example.providers.portal, module: `file:${join(folder, 'verifier.mjs')}`, options: { rights: { sales: ['items:read'] } } };
  tenants['acme']?.rules.push({ provider: 'portal' });
  apis.push({ ...apis[0], name: 'open', credentials: [{ type: 'none' }] });
}

beforeAll(async () => {
  broken = join(mkdtempSync(join(tmpdir(), 'gatehouse-broken-')), 'verifier.mjs');
  writeFileSync(broken, 'export const verify = () => ({});');
  gateway = await startGateway({ change: addPortal, secrets: environment });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(join(broken, '..'), { recursive: true });
});

describe('a gateway with the example\'s verifier', () => {
  it('serves the portal\'s users, within their rights', async () => {
    const token = await ticket({});
    const { result } = await gateway.call(token, 'open_getItem', { id: 'x' });
    expect(result?.isError ?? false).toBe(false);
    const response = await gateway.post({ ...list, method: 'tools/call', params: { name: 'open_deleteItem', arguments: { id: 'x' } } }, { token });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('answers 401 to what the verifier refuses, with its words', async () => {
    const response = await gateway.post(list, { token: `${(await ticket({})).slice(0, -2)}xx` });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token", error_description="the ticket was not made by the portal"');
  });

  it.each([
    ['expired', { until: Math.floor(Date.now() / 1_000) - 120 }, 'the token has expired'],
    ['for another site', { site: 'payroll' }, 'the token was not issued for this resource'],
    ['bound to a key', { binding: 'thumbprint' }, 'the token is bound to a key'],
  ])('answers 401 to a ticket that is %s, as to any token', async (_, content, problem) => {
    const response = await gateway.post(list, { token: await ticket(content) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(problem);
  });

  it('answers 503 when the verifier throws', async () => {
    const body = await ticket({ groups: 'not a list' });
    expect((await gateway.post(list, { token: body })).status).toBe(503);
  });

  it('does not let its callers use an API that their ticket cannot be exchanged for', async () => {
    const { result } = await gateway.call(await ticket({}), 'items_getItem', { id: 'x' });
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toContain('you are signed in at provider "portal"');
  });
});

describe('a broken module', () => {
  it('is refused by apply before anything is changed', async () => {
    const point = (file: string) => (settings: Settings) => void Object.assign((settings['providers'] as Record<string, object>)['portal'] ?? {}, { module: `file:${file}` });
    await expect(gateway.apply(point(broken))).rejects.toThrow(/providers\.portal\.module: has no default export that is a function/);
    expect((await gateway.post(list, { token: await ticket({}) })).status).toBe(200);
    await gateway.apply(point(join(folder, 'verifier.mjs')));
  });

  it('in a revision, as on a replica that has another file there, leaves what runs running', async () => {
    const { settings } = loadConfiguration(gatewayFile(), environment);
    const { providers, tenants, limits, egress } = settings;
    const before = await ticket({});
    expect((await gateway.post(list, { token: before })).status).toBe(200);
    const broke = liveSchema.parse({ providers: { ...providers, portal: { ...providers['portal'], module: `file:${broken}` } }, tenants, limits, egress });
    await storeRevision(gateway.urls, { settings: broke, documents: {}, overlays: {} });
    // The change feed tells within two seconds.
    await new Promise((wait) => setTimeout(wait, 3_000));
    expect((await gateway.post(list, { token: before })).status).toBe(200);
    expect((await gateway.call(await ticket({ user: 'u-18' }), 'open_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
    // What was stored is what a start would read, and refuse.
    await expect(gateway.replica()).rejects.toThrow(/providers\.portal\.module: has no default export that is a function/);
  });
});

/** The example's configuration, with its module by the full path. */
function gatewayFile(): string {
  const file = join(broken, '..', 'gatehouse.yaml');
  writeFileSync(file, readFileSync(join(folder, 'gatehouse.yaml'), 'utf8').replace('file:./verifier.mjs', `file:${join(folder, 'verifier.mjs')}`));
  return file;
}

describe('gatehouse check', () => {
  it('loads the example in a real Node, and takes it', async () => {
    const main = join(root, 'dist', 'main.js');
    if (!existsSync(main)) throw new Error('dist/main.js is missing: run npm run build');
    expect(await run([main, 'check', '--config', join(folder, 'gatehouse.yaml')])).toMatchObject({ code: 0, stdout: expect.stringContaining('is valid'), stderr: '' });
  });

  it('names a module that makes no verifier', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'gatehouse-copy-'));
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, 'verifier.mjs'), 'await 1;\nexport default () => () => ({});');
    const { code, stderr } = await run([join(root, 'dist', 'main.js'), 'check', '--config', join(copy, 'gatehouse.yaml')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/providers\.portal\.module: cannot be loaded \(ERR_REQUIRE_ASYNC_MODULE\)/) });
    rmSync(join(copy, 'verifier.mjs'));
    await expect(check({ config: join(copy, 'gatehouse.yaml'), apply: true, environment })).rejects.toThrow(/providers\.portal\.module: cannot be loaded/);
    rmSync(copy, { recursive: true });
  });

  it('names a secret that is missing, and one that is no use', async () => {
    const config = join(folder, 'gatehouse.yaml');
    await expect(check({ config, apply: true, environment: {} })).rejects.toThrow(/providers\.portal\.secrets\.ticketKey: environment variable PORTAL_TICKET_KEY is not set/);
    await expect(check({ config, apply: true, environment: { PORTAL_TICKET_KEY: 'short' } })).rejects.toThrow(/providers\.portal\.module: makes no verifier/);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let folder: string;
let file: string;
let gateway: TestGateway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-secrets-'));
  file = join(folder, 'secret');
  await writeFile(file, 'secret-one\n');
  gateway = await startGateway({
    change: (settings) => {
      for (const { credentials } of settings['apis'] as { credentials: Settings[] }[]) Object.assign(credentials[0]!, { clientSecret: `file:${file}` });
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

const readAgain = () => gateway.app.get(LiveConfiguration).readSecretsAgain();
let count = 0;
/** The client secret that a new exchange proves Gatehouse with. */
async function usedSecret(): Promise<string> {
  const { result } = await gateway.call(await gateway.token({ sub: `user-${count++}` }), 'items_getItem', { id: 'x' });
  expect(result?.isError).toBeUndefined();
  const basic = Buffer.from(gateway.issuer.tokenRequests.at(-1)?.authorization?.slice('Basic '.length) ?? '', 'base64').toString();
  return decodeURIComponent(basic.split(':')[1] ?? '');
}

/** Fault 15. */
describe('a secret that is changed in its file', () => {
  it('is used without a restart', async () => {
    expect(await usedSecret()).toBe('secret-one');
    await writeFile(file, 'secret-two\n');
    await readAgain();
    expect(await usedSecret()).toBe('secret-two');
  });

  it('is looked for by itself, within ten seconds', async () => {
    await writeFile(file, 'secret-three\n');
    const until = Date.now() + 12_000;
    while ((await usedSecret()) !== 'secret-three' && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await usedSecret()).toBe('secret-three');
  }, 20_000);

  it('is refused when it is gone or of no use: the one before serves on, and it is said once, without it', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const before = await usedSecret();
    await writeFile(file, '');
    for (let round = 0; round < 3; round += 1) await readAgain();
    expect(await usedSecret()).toBe(before);
    expect(errors.mock.calls).toEqual([[expect.stringContaining('changed secrets are refused, those before serve on. the configuration is refused')]]);
    errors.mockRestore();
    await writeFile(file, 'secret-four');
    await readAgain();
    expect(await usedSecret()).toBe('secret-four');
  });
});

describe('a provider that the new configuration changed', () => {
  it('is asked as it is now, for an API that was left as it is', async () => {
    gateway.issuer.fixed.set('/elsewhere', { status: 400, body: '{"error":"invalid_grant"}' });
    const moveTo = (path: string) => gateway.apply((settings) => Object.assign((settings['providers'] as { corp: object }).corp, { tokenEndpoint: gateway.issuer.url + path }));
    const isServed = async () => (await gateway.call(await gateway.token({ sub: `user-${count++}` }), 'items_getItem', { id: 'x' })).result?.isError === undefined;
    for (const [path, served] of [['/elsewhere', false], ['/token', true]] as const) {
      await moveTo(path);
      const until = Date.now() + 5_000;
      while ((await isServed()) !== served && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await isServed()).toBe(served);
    }
    expect(gateway.issuer.fetches.get('/elsewhere')).toBeGreaterThan(0);
  }, 20_000);
});

describe('a wrong configuration', () => {
  it('changes nothing: what runs stays', async () => {
    await expect(gateway.apply((settings) => (settings['egress'] = { allow: ['not a host'] }))).rejects.toThrow('egress.allow[0]: must be a host');
    expect(await usedSecret()).toBe('secret-four');
  });
});

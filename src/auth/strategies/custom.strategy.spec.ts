import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';

const KEY = 'the portal\'s key, longer than 32 characters';
const seconds = (from: number) => Math.floor(Date.now() / 1_000) + from;
const example = {
  preset: 'custom',
  module: `file:${resolve(import.meta.dirname, '../../../examples/custom-verifier/verifier.mjs')}`,
  tokenPrefixes: ['pst_'],
  audiences: ['agents'],
  secrets: { ticketKey: 'env:KEY' },
  options: { rights: { sales: ['orders:read', 'orders:write'] } },
};

function ticket(content: object, key = KEY): string {
  const body = Buffer.from(JSON.stringify({ user: 'u-17', site: 'agents', until: seconds(300), ...content })).toString('base64url');
  return `pst_${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

let folder: string;
let started: TestSignIn | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-verifier-'));
});
afterEach(async () => {
  await started?.stop();
  started = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = async (settings: object = example) => (started = await startSignIn({ portal: settings }, { secrets: { 'env:KEY': KEY } }));

let files = 0;
/** A verifier with this body, in a file of its own: Node loads each file once. */
function moduleOf(source: string): object {
  files += 1;
  const file = join(folder, `verifier-${files}.mjs`);
  writeFileSync(file, source);
  return { ...example, module: `file:${file}` };
}

describe('a verifier of one\'s own', () => {
  it('says who the caller is, under the provider and its tenant rules', async () => {
    const { caller, audiences, isExchangeable } = await (await start()).verify(ticket({ groups: ['sales', '__proto__'] }));
    expect(caller).toMatchObject({ provider: 'portal', issuer: 'portal', subject: 'u-17', kind: 'user', tenant: 'acme', scopes: new Set(['orders:read', 'orders:write']) });
    expect(audiences).toEqual(['agents']);
    expect(isExchangeable).toBe(false);
  });

  it.each([
    ['has expired', { until: seconds(-120) }, 'expired'],
    ['never expires', { until: null }, 'no_expiry'],
    ['lives too long (attack 24)', { until: seconds(10 * 365 * 86_400) }, 'lifetime'],
    ['was made in the future', { since: seconds(3_600) }, 'issued_in_future'],
    ['is bound to a key (attack 28)', { binding: 'thumbprint' }, 'sender_constrained'],
    ['names nobody', { user: '' }, 'no_subject'],
  ])('does not get in with claims of a ticket that %s', async (_, content, reason) => {
    await expect((await start()).verify(ticket(content))).rejects.toMatchObject({ reason });
  });

  it('hands the audience on as it is, for the guard to judge', async () => {
    const signIn = await start();
    expect((await signIn.verify(ticket({ site: 'payroll' }))).audiences).toEqual(['payroll']);
    expect((await signIn.verify(ticket({ site: undefined }))).audiences).toEqual([]);
    expect((await signIn.verify(ticket({ site: { a: 1 } }))).audiences).toEqual([]);
  });

  it.each([
    ['of another key', ticket({}, 'another key, longer than 32 characters')],
    ['changed on its way', ticket({ user: 'u-17' }).replace('pst_', 'pst_A')],
    ['cut', ticket({}).slice(0, -1)],
  ])('refuses a ticket that is %s, in its own words', async (_, forged) => {
    await expect((await start()).verify(forged)).rejects.toMatchObject({ name: 'TokenError', reason: 'refused', message: 'the ticket was not made by the portal' });
  });

  it('says no more than 200 characters of why', async () => {
    const settings = moduleOf('export default () => () => ({ refused: "x".repeat(10_000) });');
    await expect((await start(settings)).verify('pst_1')).rejects.toMatchObject({ message: 'x'.repeat(200) });
  });

  it.each([
    ['throws', 'throw new Error("the portal is down, and secret-of-the-error");'],
    ['rejects', 'return Promise.reject(new Error("down"));'],
    ['answers nothing', 'return undefined;'],
    ['answers true', 'return true;'],
  ])('that %s means that nobody can tell now: 503, without its words', async (_, body) => {
    const refused = (await start(moduleOf(`export default () => () => { ${body} };`))).verify('pst_1');
    await expect(refused).rejects.toMatchObject({ status: 503, code: 'identity_provider_unavailable' });
    await expect(refused).rejects.not.toThrow(/secret-of-the-error/);
  });

  it('that never answers means the same, after five seconds', async () => {
    const signIn = await start(moduleOf('export default () => () => new Promise(() => undefined);'));
    jest.useFakeTimers();
    try {
      const outcome = signIn.verify('pst_1').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(5_000);
      expect(await outcome).toMatchObject({ status: 503 });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is given its options, its secrets and the way out, and may be CommonJS', async () => {
    const file = join(folder, 'common.cjs');
    writeFileSync(file, `module.exports = ({ options, secrets, fetch }) => () => ({ sub: [options.a, secrets.ticketKey.reveal(), typeof fetch, String(secrets.ticketKey)].join(), exp: ${seconds(300)} });`);
    const { caller } = await (await start({ ...example, module: `file:${file}`, options: { a: 1 } })).verify('pst_1');
    expect(caller.subject).toBe(`1,${KEY},function,[redacted]`);
  });

  it('whose issuers are configured takes the JWTs of these, and its callers\' tokens may be exchanged there', async () => {
    const settings = { ...moduleOf(`export default () => () => ({ sub: 'a', iss: 'https://idp.example', exp: ${seconds(300)} });`), issuers: ['https://idp.example'] };
    const jwt = ['{"alg":"x"}', '{"iss":"https://idp.example"}', 's'].map((part) => Buffer.from(part).toString('base64url')).join('.');
    expect(await (await start(settings)).verify(jwt)).toMatchObject({ caller: { issuer: 'https://idp.example' }, isExchangeable: true });
  });
});

describe('a module that makes no verifier', () => {
  it.each([
    ['is not there', { ...example, module: 'file:/nowhere/verifier.mjs' }, /cannot be loaded/],
    ['is no JavaScript', () => moduleOf('export default {'), /cannot be loaded/],
    ['throws as it loads', () => moduleOf('throw new Error("broken"); export default 1;'), /cannot be loaded \(broken\)/],
    ['exports no function', () => moduleOf('export default { verify() {} };'), /has no default export that is a function/],
    ['exports nothing', () => moduleOf('export const verify = () => ({});'), /has no default export that is a function/],
    ['misses an option', { ...example, secrets: {} }, /makes no verifier \(secrets\.ticketKey must have 32 characters or more\)/],
    ['returns no function', () => moduleOf('export default () => ({});'), /makes no verifier: its default export must return a function/],
  ])('because it %s is refused by the name of its setting', async (_, settings, problem) => {
    const refused = start(typeof settings === 'function' ? settings() : settings);
    await expect(refused).rejects.toMatchObject({ name: 'ConfigurationError' });
    await expect(refused).rejects.toThrow(/providers\.portal\.module/);
    await expect(refused).rejects.toThrow(problem);
  });
});

import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { z } from 'zod';
import type { LiveConfiguration } from '../../config/live-configuration.js';
import { readCookie } from './cookie.js';
import { SealedCookie } from './sealed-cookie.js';

const publicUrl = 'https://mcp.acme.example';
const [first, second] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
const now = () => Math.floor(Date.now() / 1_000);

function cookieWith(keys: readonly string[], purpose = 'a test') {
  const secrets = new Map(keys.map((key) => [key, new Secret(key)]));
  // As much of the configuration as keys are made of.
  const live = { current: { settings: { vault: { keys } }, secrets } } as unknown as LiveConfiguration;
  return new SealedCookie(live, { name: 'test', purpose, schema: z.object({ a: z.string() }) });
}

const request = (line = '', url = publicUrl) => ({ publicUrl: url, headers: { cookie: line.split(';', 1)[0] } });

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a sealed cookie', () => {
  it('is for our pages over TLS only, out of reach of scripts and of other sites\' forms', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
    const line = await cookieWith([first]).seal(request(), { a: 'secret text' }, now() + 60);
    expect(line).toMatch(/^__Host-gatehouse_test=[\w.-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/);
    expect(line).not.toContain('secret text');
    expect(cookieWith([first]).remove(request())).toBe('__Host-gatehouse_test=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
  });

  it('is opened with every key of the vault and sealed with the first', async () => {
    const old = await cookieWith([first]).seal(request(), { a: 'x' }, now() + 60);
    expect(await cookieWith([second, first]).read(request(old))).toEqual({ a: 'x' });
    const renewed = await cookieWith([second, first]).seal(request(), { a: 'x' }, now() + 60);
    expect(await cookieWith([first]).read(request(renewed))).toBeUndefined();
    expect(await cookieWith([second]).read(request(renewed))).toEqual({ a: 'x' });
  });

  it('opens for its own purpose, public URL and time only', async () => {
    const line = await cookieWith([first]).seal(request(), { a: 'x' }, now() + 60);
    expect(await cookieWith([first]).read(request(line))).toEqual({ a: 'x' });
    expect(await cookieWith([first], 'another').read(request(line))).toBeUndefined();
    expect(await cookieWith([first]).read(request(line, 'https://other.example'))).toBeUndefined();
    expect(await cookieWith([first]).read(request(await cookieWith([first]).seal(request(), { a: 'x' }, now() - 1)))).toBeUndefined();
  });

  it('cannot be made where there is no vault', async () => {
    await expect(cookieWith([]).seal(request(), { a: 'x' }, now() + 60)).rejects.toThrow('without a vault');
    expect(await cookieWith([]).read(request('__Host-gatehouse_test=x'))).toBeUndefined();
  });
});

describe('a cookie header', () => {
  it.each([
    ['a=1; b=2', 'b', '2'],
    ['b=2', 'b', '2'],
    ['b=x=y', 'b', 'x=y'],
    ['a=1', 'b', undefined],
    [undefined, 'b', undefined],
    ['b=1; b=2', 'b', undefined],
    ['bb=1', 'b', undefined],
  ])('%s: %s is %s', (header, name, value) => {
    expect(readCookie(header, name)).toBe(value);
  });
});

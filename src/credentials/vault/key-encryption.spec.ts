import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { liveSchema } from '../../config/configuration.schema.js';
import { readVaultKeys } from './key-encryption.js';

function read(...keys: string[]) {
  const names = keys.map((_, index) => `env:K${index}`);
  const settings = liveSchema.parse({ providers: { keys: { preset: 'apiKey' } }, tenants: { acme: {} }, vault: { keys: names } });
  return readVaultKeys({ settings, secrets: new Map(names.map((name, index) => [name, new Secret(keys[index] ?? '')])) });
}

const key = randomBytes(32);
const other = randomBytes(32).toString('hex');

describe('the keys of the vault', () => {
  it.each([
    ['hexadecimal', key.toString('hex')],
    ['capital hexadecimal', key.toString('hex').toUpperCase()],
    ['base64', key.toString('base64')],
    ['base64url without padding', key.toString('base64url')],
    ['a line end of a file behind it', `${key.toString('hex')}\n`],
  ])('are the same in %s', async (_, text) => {
    const keys = read(text)!;
    expect(keys.current).toBe(read(key.toString('hex'))!.current);
    expect(await keys.unwrap(keys.current, await read(key.toString('hex'))!.wrap(Buffer.from('x'), 'c'), 'c')).toEqual(Buffer.from('x'));
  });

  it('unwrap with every one of them, wrap with the first, and for one context only', async () => {
    const [old, both] = [read(other)!, read(key.toString('hex'), other)!];
    const wrapped = await old.wrap(Buffer.from('data'), 'acme');
    expect(await both.unwrap(old.current, wrapped, 'acme')).toEqual(Buffer.from('data'));
    expect(both.current).not.toBe(old.current);
    await expect(both.unwrap(old.current, wrapped, 'globex')).rejects.toThrow('unable to authenticate data');
    await expect(read(key.toString('hex'))!.unwrap(old.current, wrapped, 'acme')).rejects.toThrow(`vault.keys has no key ${old.current}`);
  });

  it.each(['', 'secret-canary', key.toString('hex').slice(2), `${key.toString('hex')}00`, '!'.repeat(64)])('are refused by the name of their setting, and not shown: %j', (text) => {
    expect(() => read(other, text)).toThrow('vault.keys[1]: is no key of 32 bytes in hexadecimal or base64');
    expect(() => read(other, text)).not.toThrow('canary');
  });

  it('are none without a vault', () => {
    expect(readVaultKeys({ settings: liveSchema.parse({ providers: { keys: { preset: 'apiKey' } }, tenants: { acme: {} } }), secrets: new Map() })).toBeUndefined();
  });
});

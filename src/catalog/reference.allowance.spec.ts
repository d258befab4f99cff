import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ReferenceAllowance } from './reference.allowance.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-references-')));
for (const name of ['schemas', 'schemas-of-others']) mkdirSync(join(folder, name));
for (const name of ['schemas/a.yaml', 'schemas-of-others/b.yaml', 'secret']) writeFileSync(join(folder, name), '{}');
symlinkSync(join(folder, 'secret'), join(folder, 'schemas/link.yaml'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Security attack 14: what a document refers to is read only where the operator said so. */
describe('the files that a document may refer to', () => {
  const allowance = new ReferenceAllowance(['file:./schemas/', 'https://schemas.example/v1/', 'http://h.example:81/one.yaml'], folder);

  it.each([
    ['https://schemas.example/v1/a.yaml', true],
    ['https://schemas.example/v1/../v2/a.yaml', false],
    ['https://schemas.example/v10/a.yaml', false],
    ['http://schemas.example/v1/a.yaml', false],
    ['https://schemas.example.evil/v1/a.yaml', false],
    ['https://user@schemas.example/v1/a.yaml', true],
    ['http://h.example:81/one.yaml', true],
    ['http://h.example/one.yaml', false],
    ['http://h.example:81/one.yaml.other', false],
  ])('%s: %s', (address, isAllowed) => {
    expect(allowance.allowsAddress(new URL(address))).toBe(isAllowed);
  });

  it.each([
    ['schemas/a.yaml', true],
    ['schemas/../secret', false],
    ['schemas-of-others/b.yaml', false],
    ['schemas/link.yaml', false],
  ])('%s: %s', async (path, isAllowed) => {
    expect((await allowance.resolvePath(join(folder, path))) !== undefined).toBe(isAllowed);
  });

  it('are none by default', async () => {
    const none = new ReferenceAllowance([], folder);
    expect(none.isEmpty).toBe(true);
    expect(none.allowsAddress(new URL('https://schemas.example/v1/a.yaml'))).toBe(false);
    expect(await none.resolvePath(join(folder, 'schemas/a.yaml'))).toBeUndefined();
  });
});

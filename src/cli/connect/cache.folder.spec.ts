import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cacheFolderOf, openCacheFolder } from './cache.folder.js';
import { type KeptSession, SessionStore } from './session.store.js';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gatehouse-cache-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const session: KeptSession = { url: 'https://x/mcp', issuer: 'https://idp', client: { id: 'c' }, accessToken: 'a', refreshToken: 'r', obtainedAt: 1, expiresAt: 2 };
const url = new URL('https://x/mcp');

describe('the folder of tokens', () => {
  it('is the platform\'s own', () => {
    expect(cacheFolderOf('linux', {}, '/home/a')).toBe('/home/a/.cache/gatehouse');
    expect(cacheFolderOf('linux', { XDG_CACHE_HOME: '/c' }, '/home/a')).toBe('/c/gatehouse');
    expect(cacheFolderOf('linux', { XDG_CACHE_HOME: 'relative' }, '/home/a')).toBe('/home/a/.cache/gatehouse');
    expect(cacheFolderOf('darwin', { XDG_CACHE_HOME: '/c' }, '/Users/a')).toBe('/Users/a/Library/Application Support/gatehouse');
    expect(cacheFolderOf('win32', { LOCALAPPDATA: 'L' }, 'H')).toBe(join('L', 'gatehouse'));
  });

  it('is made for its user alone, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const folder = openCacheFolder({ XDG_CACHE_HOME: join(home, 'new') });
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('is refused when others can look into it', () => {
    mkdirSync(join(home, 'open', 'gatehouse'), { recursive: true });
    chmodSync(join(home, 'open', 'gatehouse'), 0o750);
    expect(() => openCacheFolder({ XDG_CACHE_HOME: join(home, 'open') })).toThrow(/can be read by other users.*chmod 700/);
  });
});

describe('a kept session', () => {
  it('is in a file of its user alone, one for each endpoint and client, and nothing is left beside', () => {
    const folder = mkdtempSync(join(home, 's-'));
    const store = new SessionStore(folder, url, 'dynamic');
    expect(store.read()).toBeUndefined();
    store.write(session);
    store.write({ ...session, accessToken: 'b' });
    expect(store.read()).toMatchObject({ accessToken: 'b' });
    expect(statSync(store.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(new SessionStore(folder, url, 'static c').read()).toBeUndefined();
    expect(new SessionStore(folder, new URL('https://y/mcp'), 'dynamic').read()).toBeUndefined();
    store.remove();
    expect(store.read()).toBeUndefined();
  });

  it('is refused when others can read it', () => {
    const store = new SessionStore(mkdtempSync(join(home, 's-')), url, 'dynamic');
    store.write(session);
    chmodSync(store.path, 0o644);
    expect(() => store.read()).toThrow(/can be read by other users.*chmod 600/);
  });

  it.each(['', '{', '{"accessToken":"a"}', JSON.stringify({ ...session, more: 1 })])('is none when the file holds %j', (text) => {
    const store = new SessionStore(mkdtempSync(join(home, 's-')), url, 'dynamic');
    writeFileSync(store.path, text, { mode: 0o600 });
    expect(store.read()).toBeUndefined();
  });
});

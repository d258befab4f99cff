import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Connections } from '../../src/credentials/vault/connections.js';
import type { Settings } from '../tools/gateway.js';
import { startVault, type TestVault } from '../tools/vault.js';

const places: Readonly<Record<string, Settings>> = {
  header: { in: 'header', name: 'X-Key', prefix: 'Token ' },
  query: { in: 'query', name: 'key' },
  cookie: { in: 'cookie', name: 'sid' },
};
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault({
    change: (settings) => {
      const [api] = settings['apis'] as Settings[];
      settings['apis'] = [
        ...Object.entries(places).map(([name, place]) => ({ ...api, name, credentials: [{ type: 'user-secret', when: 'user', connection: 'key', ...place }] })),
        { ...api, name: 'basic', credentials: [{ type: 'user-secret', when: 'user', connection: 'login', in: 'basic' }] },
      ];
      settings['connections'] = [
        { name: 'key', tenant: 'acme', type: 'secret', title: 'Your key', help: 'Settings, then API keys' },
        { name: 'login', tenant: 'acme', type: 'secret', kind: 'password' },
      ];
    },
  });
}, 60_000);
afterAll(() => vault.stop());
beforeEach(() => vault.gateway.upstream.answerWith(() => ({})));

const pages = () => vault.gateway.app.get(Connections, { strict: false });
const save = (subject: string, name: string, secret: string, username?: string) => pages().saveSecret(vault.visitor(subject), name, { username, secret });
const call = async (subject: string, tool: string, args: object = { id: '1' }) => (await vault.gateway.call(await vault.gateway.token({ sub: subject }), tool, args)).result;

describe('a key of the user\'s own', () => {
  it('is asked for, and then stands where the API expects it', async () => {
    expect((await call('alice', 'header_getItem'))?.content?.[0]?.text).toMatch(/^this tool needs your own key or password for "Your key"\. .*\/connections\/to\/key\?for=/);
    await save('alice', 'key', 'canary-of-alice');
    for (const place of Object.keys(places)) expect((await call('alice', `${place}_getItem`))?.isError).toBeUndefined();
    const [header, query, cookie] = vault.gateway.upstream.requests.slice(-3);
    expect(header?.headers['x-key']).toBe('Token canary-of-alice');
    expect(query?.query).toBe('key=canary-of-alice');
    expect(cookie?.headers['cookie']).toBe('sid=canary-of-alice');
    expect((await call('bob', 'header_getItem'))?.isError).toBe(true);
  });

  it('goes as Basic where it is a password', async () => {
    await save('alice', 'login', 'pässword', 'alice@acme');
    await call('alice', 'basic_getItem');
    expect(vault.gateway.upstream.last.headers['authorization']).toBe(`Basic ${Buffer.from('alice@acme:pässword').toString('base64')}`);
  });

  it('is asked for again when the API does not take it, and a call that changes something is not repeated', async () => {
    await save('carol', 'key', 'wrong');
    vault.gateway.upstream.answerWith(({ headers }) => (headers['x-key'] === 'Token right' ? {} : { status: 401 }));
    const before = vault.gateway.upstream.requests.length;
    expect((await call('carol', 'header_createItem', { title: 'x' }))?.isError).toBe(true);
    expect(vault.gateway.upstream.requests.length - before).toBe(1);
    expect((await call('carol', 'header_getItem'))?.content?.[0]?.text).toMatch(/^"Your key" is not accepted any more: save it again\. /);
    await save('carol', 'key', 'right');
    expect((await call('carol', 'header_getItem'))?.isError).toBeUndefined();
  });

  it('serves at once when a key that was refused is removed and the right one saved', async () => {
    await save('frank', 'key', 'wrong');
    vault.gateway.upstream.answerWith(({ headers }) => (headers['x-key'] === 'Token right' ? {} : { status: 401 }));
    expect((await call('frank', 'header_getItem'))?.isError).toBe(true);
    await pages().disconnect(vault.visitor('frank'), 'key');
    await save('frank', 'key', 'right');
    expect((await call('frank', 'header_getItem'))?.isError).toBeUndefined();
  });

  it('shows on the page as there, and never what it is', async () => {
    await save('dan', 'key', 'canary-of-dan');
    const views = await pages().list(vault.visitor('dan'));
    expect(views).toMatchObject([
      { name: 'key', title: 'Your key', kind: 'key', help: 'Settings, then API keys', state: 'connected', apis: ['header', 'query', 'cookie'] },
      { name: 'login', kind: 'password', state: 'none', apis: ['basic'] },
    ]);
    expect(JSON.stringify(views)).not.toContain('canary');
    expect(await pages().disconnect(vault.visitor('dan'), 'key')).toBeUndefined();
    expect((await call('dan', 'header_getItem'))?.isError).toBe(true);
  });

  it.each([
    ['key', 'a\nb', undefined, 'the key has spaces around it, or characters that no key has'],
    ['key', ' a', undefined, 'the key has spaces around it, or characters that no key has'],
    ['key', 'a;b', undefined, 'the key has characters that cannot stand in a cookie'],
    ['key', '', undefined, 'the key must have 1 to 4096 characters'],
    ['login', 'x', 'a:b', 'the user name must have 1 to 255 characters, without ":"'],
    ['login', 'x\u0000', 'a', 'the password has a control character'],
  ])('refuses for %s what cannot be sent: %j', async (name, secret, username, message) => {
    await expect(save('eve', name, secret, username)).rejects.toThrow(message);
  });
});

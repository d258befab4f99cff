import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type ConnectedGateway, type PersonAtMachine, startConnectedGateway } from '../tools/connected-gateway.js';
import { initialize, type StdioProcess } from '../tools/stdio-process.js';

const main = join(import.meta.dirname, '../../dist/main.js');
let world: ConnectedGateway;

beforeAll(async () => {
  world = await startConnectedGateway();
}, 60_000);
afterAll(() => world.stop());

const list = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/list' });
const call = (id: number, name: string, args: object = { id: 'x' }) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });
const toolsOf = async (process: StdioProcess, id = 1) => (await process.ask(list(id))).result?.tools?.map(({ name }) => name);
const expired = { obtainedAt: Date.now() - 7_200_000, expiresAt: Date.now() - 3_600_000 };

/** Signed in, and the process that did it ended. */
async function signedIn(user = 'alice'): Promise<PersonAtMachine> {
  const person = await world.person({ user });
  const process = person.connect();
  expect((await process.ask(initialize(0))).result?.protocolVersion).toBe('2025-11-25');
  expect(await process.end()).toBe(0);
  expect(person.browser.opened).toHaveLength(1);
  return person;
}

describe('gatehouse connect, with a host that knows nothing of sign-in', () => {
  it('signs alice in once, and the next start opens no browser', async () => {
    const person = await world.person();
    const process = person.connect();
    await process.ask(initialize(0));
    process.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await toolsOf(process)).toContain('items_getItem');
    expect((await process.ask(call(2, 'items_getItem'))).result?.isError).toBeFalsy();
    expect(await process.end()).toBe(0);
    const [asked] = person.browser.opened;
    expect(Object.fromEntries(asked!.searchParams)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', resource: world.mcpUrl, scope: 'openid orders:read offline_access' });
    expect(asked!.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(person.modes).toEqual(['700', '600']);
    const again = person.connect();
    expect(await toolsOf(again)).toContain('items_getItem');
    await again.end();
    expect(person.browser.opened).toHaveLength(1);
    for (const secret of [person.kept['accessToken'], person.kept['refreshToken']]) expect(process.stderr + process.stdout + again.stderr).not.toContain(String(secret));
  });

  it.each<[string, VersionNegotiationMode]>([['legacy', 'legacy'], ['auto', 'auto'], ['modern', { pin: '2026-07-28' }]])('serves the SDK v2 (%s)', async (_, mode) => {
    const person = await world.person();
    const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'connect', world.mcpUrl], env: person.browser.environment, stderr: 'ignore' }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('items_getItem');
    expect((await client.callTool({ name: 'items_getItem', arguments: { id: 'x' } })).isError).toBeFalsy();
    await client.close();
    expect(person.browser.opened).toHaveLength(1);
  });

  it('serves the SDK v1', async () => {
    const person = await world.person();
    const client = new ClientV1({ name: 'host', version: '1' });
    await client.connect(new TransportV1({ command: process.execPath, args: [main, 'connect', world.mcpUrl], env: person.browser.environment, stderr: 'ignore' }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('items_getItem');
    await client.close();
  });

  it('passes on the link to a large answer, and what is read at it', async () => {
    const person = await signedIn();
    const process = person.connect();
    const large = JSON.stringify('Größe '.repeat(20_000).split(' '));
    world.gateway.upstream.answerWith(() => ({ body: large }));
    await process.ask(initialize(0));
    const [, , link] = (await process.ask(call(1, 'items_getItem'))).result!.content as unknown as [unknown, unknown, { uri: string }];
    const read = { ...list(2), method: 'resources/read', params: { uri: link.uri } };
    expect((await process.ask(read)).result).toEqual({ contents: [{ uri: link.uri, mimeType: 'application/json', text: large }] });
    world.gateway.upstream.answerWith(() => ({}));
    await process.end();
  });

  it('keeps every digit and character of a message', async () => {
    const person = await signedIn();
    const process = person.connect();
    world.gateway.upstream.answerWith(() => ({ body: '{"id":9007199254740993,"price":1.10}' }));
    process.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"items_listItems","arguments":{"kind":"a\u2028b"}}}');
    await process.answer(1);
    await process.end();
    expect(world.gateway.upstream.last.query).toBe('kind=a%E2%80%A8b');
    expect(process.stdout).toContain('"structuredContent":{"id":9007199254740993,"price":1.10}');
  });
});

describe('the tokens of gatehouse connect', () => {
  it('are refreshed ahead of their end, and the new refresh token is kept', async () => {
    const person = await signedIn();
    const before = person.kept;
    person.keep(expired);
    const process = person.connect();
    expect(await toolsOf(process)).toContain('items_getItem');
    await process.end();
    expect(person.kept['refreshToken']).not.toBe(before['refreshToken']);
    expect(person.kept['accessToken']).not.toBe(before['accessToken']);
    expect([person.modes, person.browser.opened.length]).toEqual([['700', '600'], 1]);
  });

  it('are refreshed when the gateway refuses one', async () => {
    const person = await signedIn();
    person.keep({ accessToken: `${String(person.kept['accessToken'])}x` });
    const process = person.connect();
    expect(await toolsOf(process)).toContain('items_getItem');
    await process.end();
    expect(person.browser.opened).toHaveLength(1);
  });

  it('are asked for anew when the refresh token is no good any more', async () => {
    const person = await signedIn();
    person.keep({ ...expired, refreshToken: 'spent' });
    const process = person.connect();
    expect(await toolsOf(process)).toContain('items_getItem');
    await process.end();
    expect(person.browser.opened).toHaveLength(2);
  });

  it('are refreshed once by two processes at once: a rotated token that comes twice would end the sign-in', async () => {
    const person = await signedIn();
    for (let round = 0; round < 2; round += 1) {
      person.keep(expired);
      const processes = [person.connect(), person.connect(), person.connect()];
      const lists = await Promise.all(processes.map((process) => Promise.all([toolsOf(process, 1), toolsOf(process, 2)])));
      for (const tools of lists.flat()) expect(tools).toContain('items_getItem');
      await Promise.all(processes.map((process) => process.end()));
    }
    expect(person.browser.opened).toHaveLength(1);
  });

  it('come from one sign-in when two hosts start at once', async () => {
    const person = await world.person();
    const processes = [person.connect(), person.connect()];
    for (const tools of await Promise.all(processes.map((process) => toolsOf(process)))) expect(tools).toContain('items_getItem');
    await Promise.all(processes.map((process) => process.end()));
    expect(person.browser.opened).toHaveLength(1);
  });

  it('are widened when a call needs more, by a sign-in for the union', async () => {
    const person = await signedIn();
    const process = person.connect();
    expect((await process.ask(call(1, 'items_deleteItem'))).result?.isError).toBeFalsy();
    expect(person.browser.opened[1]?.searchParams.get('scope')?.split(' ').toSorted()).toEqual(['offline_access', 'openid', 'orders:read', 'orders:write']);
    expect((await process.ask(call(2, 'items_deleteItem'))).result?.isError).toBeFalsy();
    await process.end();
    expect(person.browser.opened).toHaveLength(2);
  });

  it('are not asked for again and again where the person has no right to more', async () => {
    const person = await signedIn('carol');
    const process = person.connect();
    for (const id of [1, 2]) expect((await process.ask(call(id, 'items_deleteItem'))).error?.message).toContain('this call needs the scope orders:write');
    expect(await toolsOf(process, 3)).toContain('items_getItem');
    await process.end();
    expect(person.browser.opened).toHaveLength(2);
  });
});

describe('the sign-in of gatehouse connect', () => {
  it('takes no answer with a foreign state, and waits for the right one', async () => {
    const statuses: number[] = [];
    const forge = async (callback: URL) => {
      const forged = new URL(callback);
      forged.searchParams.set('state', 'forged');
      for (const url of [forged, new URL('/callback?code=x', callback), new URL('/', callback)]) statuses.push((await fetch(url)).status);
      return callback;
    };
    const process = (await world.person({ detour: forge })).connect();
    expect(await toolsOf(process)).toContain('items_getItem');
    await process.end();
    expect(statuses).toEqual([404, 404, 404]);
  });

  it.each([
    ['of another issuer', (callback: URL) => callback.searchParams.set('iss', 'https://evil.example')],
    ['without the issuer that the server promises', (callback: URL) => callback.searchParams.delete('iss')],
  ])('refuses an answer %s, and redeems nothing', async (_, change) => {
    const person = await world.person({
      detour: async (callback) => {
        change(callback);
        return callback;
      },
    });
    const process = person.connect();
    expect((await process.ask(list(1))).error?.message).toContain('the answer comes from another authorization server than was asked');
    await process.end();
    expect(process.stderr).not.toContain('evil');
  });

  it('says that it was refused, and does not ask again at once', async () => {
    const person = await world.person({ decision: 'deny' });
    const process = person.connect();
    expect((await process.ask(list(1))).error?.message).toMatch(/refused the sign-in: access_denied: The user denied access/);
    expect((await process.ask(list(2))).error?.message).toContain('access_denied');
    expect(await process.end()).toBe(0);
    expect(person.browser.opened).toHaveLength(1);
  });

  it('says what to do where no browser opens', async () => {
    const person = await world.person();
    const headless = person.headless();
    headless.send(list(1));
    const [, url = ''] = await headless.says(/To sign in, open this address:\n.*?(http\S+)\n/);
    await headless.says(/ssh -L \d+:127\.0\.0\.1:\d+ HOST/);
    await person.visit(url);
    expect((await headless.answer(1)).result?.tools).toHaveLength(4);
    await headless.end();
  });

  it('ends when nobody signs in, and names the redirect URI', async () => {
    const person = await world.person({ detour: async () => new URL(world.gateway.url) });
    const process = person.connect('--login-timeout', '500ms');
    expect((await process.ask(list(1))).error?.message).toMatch(/nobody signed in within .* the client must have http:\/\/127\.0\.0\.1:\d+\/callback/);
    await process.end();
  });

  it('ends with its host while nobody has signed in yet, and leaves no lock', async () => {
    const person = await world.person({ detour: () => new Promise(() => undefined) });
    const process = person.connect();
    process.send(list(1));
    while (person.browser.opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await process.end()).toBe(0);
    expect(readdirSync(person.cacheFolder)).toEqual([]);
  });

  it('does not send a call that was cancelled while the person signed in', async () => {
    const before = world.gateway.upstream.requests.length;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const person = await world.person({ detour: async (callback) => held.then(() => callback) });
    const process = person.connect();
    process.send(call(1, 'items_createItem', { body: { title: 'late' } }));
    while (person.browser.opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    process.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    release();
    expect(await toolsOf(process, 2)).toContain('items_getItem');
    await process.end();
    expect(world.gateway.upstream.requests.length).toBe(before);
    expect(process.messages().map(({ id }) => id)).toEqual([2]);
  });
});

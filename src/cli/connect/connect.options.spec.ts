import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { browserCommand, isRemoteTerminal } from './browser.js';
import { isSafe } from './checked-fetch.js';
import { authenticateClient } from './client.registration.js';
import { readConnectOptions } from './connect.options.js';

const url = 'https://mcp.acme.example/mcp';
const read = (...args: string[]) => readConnectOptions(args, { SECRET: 'hush', KEY: 'key' });

beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the options of gatehouse connect', () => {
  it('need nothing but the URL', () => {
    expect(read(url)).toEqual({ endpoint: new URL(url), headers: {}, client: { kind: 'dynamic' }, callbackPort: undefined, patience: 300_000, omitsResource: false });
  });

  it('name a client, or headers in place of one', () => {
    const { client, callbackPort } = read(url, '--client-id', 'c', '--client-secret', 'env:SECRET', '--callback-port', '8080');
    expect([client, callbackPort]).toMatchObject([{ kind: 'static', id: 'c' }, 8080]);
    expect(JSON.stringify(client)).not.toContain('hush');
    expect(read(url, '--client-metadata-url', 'https://c.example/m.json').client).toEqual({ kind: 'document', url: 'https://c.example/m.json' });
    expect(read(url, '--header', 'X-API-Key: env:KEY').headers).toEqual({ 'X-API-Key': 'key' });
    expect(read('http://localhost:3232/mcp#x').endpoint.href).toBe('http://localhost:3232/mcp');
  });

  it.each([
    [[], 'connect needs one URL'],
    [[url, url], 'connect needs one URL'],
    [['mcp.acme.example'], 'connect needs the URL'],
    [['https://user:secret@x/mcp'], 'without user name and password'],
    [['http://mcp.acme.example/mcp'], 'over https only'],
    [['http://169.254.169.254/'], 'over https only'],
    [[url, '--client-secret', 'env:SECRET'], '--client-secret needs --client-id'],
    [[url, '--client-id', 'c', '--client-secret', 'hush'], 'must be env:NAME or file:PATH'],
    [[url, '--client-id', 'c', '--client-secret', 'env:NOT_SET'], 'NOT_SET is not set'],
    [[url, '--client-metadata-url', 'http://c.example/m.json'], 'must be an https URL with a path'],
    [[url, '--client-metadata-url', 'https://c.example/m.json', '--client-id', 'c'], 'leave out --client-id'],
    [[url, '--callback-port', '0'], '--callback-port'],
    [[url, '--callback-port', '99999'], '--callback-port'],
    [[url, '--login-timeout', 'soon'], '--login-timeout'],
    [[url, '--header', 'X: env:KEY', '--client-id', 'c'], '--header takes the place of a sign-in'],
  ])('refuse %j', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});

describe('an address that sign-in leads to', () => {
  it.each([
    ['https://idp.example/', url, true],
    ['http://idp.example/', url, false],
    ['http://127.0.0.1:9/', url, false],
    ['https://localhost/', url, false],
    ['http://[::1]:9/', 'http://localhost:1/mcp', true],
    ['http://127.0.0.2/', 'http://localhost:1/mcp', true],
    ['http://localhost.evil.example/', 'http://localhost:1/mcp', false],
    ['http://127.0.0.1.evil.example/', 'http://localhost:1/mcp', false],
    ['file:///etc/passwd', url, false],
    ['javascript:alert(1)', url, false],
  ])('%s, named by a server at %s: %s', (address, server, expected) => {
    expect(isSafe(new URL(address), new URL(server))).toBe(expected);
  });
});

describe('the browser', () => {
  it('is started without a shell, with the URL as one argument', () => {
    const page = 'https://idp.example/a?b=c&d="$(id)';
    for (const platform of ['linux', 'darwin', 'win32'] as const) expect(browserCommand(platform, page)).toContain(page);
    expect(browserCommand('win32', page)[0]).toBe('rundll32');
  });

  it('is elsewhere on a machine that is reached by SSH, or has no screen', () => {
    expect(isRemoteTerminal('linux', { DISPLAY: ':0' })).toBe(false);
    expect(isRemoteTerminal('linux', {})).toBe(true);
    expect(isRemoteTerminal('darwin', {})).toBe(false);
    expect(isRemoteTerminal('darwin', { SSH_CONNECTION: 'x' })).toBe(true);
  });
});

describe('client authentication', () => {
  const send = async (secret: string | undefined, methods?: string[]) => {
    const headers = new Headers();
    const parameters = new URLSearchParams();
    await authenticateClient({ id: 'a b', secret })(headers, parameters, 'https://idp.example/token', { token_endpoint_auth_methods_supported: methods } as never);
    return [headers.get('authorization'), parameters.toString()];
  };

  it('form-encodes id and secret for Basic (RFC 6749 §2.3.1)', async () => {
    expect(await send('s:%+')).toEqual([`Basic ${Buffer.from('a+b:s%3A%25%2B').toString('base64')}`, '']);
  });

  it('posts them where the server takes nothing else, and the id alone without a secret', async () => {
    expect(await send('s', ['client_secret_post'])).toEqual([null, 'client_id=a+b&client_secret=s']);
    expect(await send(undefined)).toEqual([null, 'client_id=a+b']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { CookieJar } from '../login/cookie-jar.js';
import { connectDeviceHeadless } from '../login/headless-device.js';
import { loginHeadless } from '../login/headless-login.js';
import { type AuthorizationServer, startAuthorizationServer } from './server.js';
import { gatewayUrl, redirectUri, resource, TestClient } from './test-client.js';

const grant = 'urn:ietf:params:oauth:grant-type:device_code';

interface DeviceAnswer {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
}

let server: AuthorizationServer;
let client: TestClient;
let clientId: string;

beforeAll(async () => {
  server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'test-secret', gatewayUrls: [gatewayUrl] });
  client = new TestClient(server.issuer);
  clientId = await client.register({ client_name: 'A <b>television</b>', redirect_uris: [], grant_types: [grant], response_types: [] });
});
afterAll(() => server.close());

async function askForCode(scope = 'openid orders:read orders:write'): Promise<DeviceAnswer> {
  const response = await fetch(`${server.issuer}/device/auth`, { method: 'POST', body: new URLSearchParams({ client_id: clientId, scope, resource }) });
  return (await response.json()) as DeviceAnswer;
}

const poll = (code: DeviceAnswer) => client.postToken({ grant_type: grant, device_code: code.device_code, client_id: clientId });

describe('the device flow', () => {
  it('is in the metadata', async () => {
    const response = await fetch(`${server.issuer}/.well-known/oauth-authorization-server`);
    expect(await response.json()).toMatchObject({ device_authorization_endpoint: `${server.issuer}/device/auth`, grant_types_supported: expect.arrayContaining([grant]) });
  });

  it('gives the device a token of the person who typed its code, once', async () => {
    const code = await askForCode();
    expect(code).toMatchObject({ verification_uri: `${server.issuer}/device`, expires_in: 600 });
    expect(await poll(code)).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    const page = await connectDeviceHeadless({ verificationUri: code.verification_uri, userCode: code.user_code, user: 'alice' });
    expect(page).toContain('Connected');
    const { status, body } = await poll(code);
    expect(status).toBe(200);
    expect(decodeJwt(body['access_token']!)).toMatchObject({ sub: 'alice', tenant: 'acme', aud: resource, client_id: clientId, scope: 'openid orders:read orders:write' });
    expect(await poll(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('takes the code in lower case and without its dash', async () => {
    const code = await askForCode();
    await connectDeviceHeadless({ verificationUri: code.verification_uri, userCode: code.user_code.toLowerCase().replace('-', ''), user: 'bob' });
    expect(decodeJwt((await poll(code)).body['access_token']!).sub).toBe('bob');
  });

  it('gives the device no more than the person may do', async () => {
    const code = await askForCode();
    await connectDeviceHeadless({ verificationUri: code.verification_uri_complete, userCode: '', user: 'carol' });
    expect((await poll(code)).body['scope']).toBe('openid orders:read');
  });

  it('needs no password of a person who is signed in, but the confirmation', async () => {
    const cookies = new CookieJar();
    const authorizationUrl = new URL(`${server.issuer}/authorize`);
    authorizationUrl.search = new URLSearchParams({ response_type: 'code', client_id: await client.register(), redirect_uri: redirectUri, scope: 'openid', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' }).toString();
    await loginHeadless({ authorizationUrl, user: 'alice', cookies });
    const code = await askForCode();
    await connectDeviceHeadless({ verificationUri: code.verification_uri, userCode: code.user_code, user: 'alice', password: 'never asked for', cookies });
    expect((await poll(code)).status).toBe(200);
  });

  it('ends for the device when the person does not recognise it, or denies', async () => {
    const foreign = await askForCode();
    await expect(connectDeviceHeadless({ verificationUri: foreign.verification_uri, userCode: foreign.user_code, user: 'alice', recognises: false })).rejects.toThrow('asks for the code again');
    expect(await poll(foreign)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    const denied = await askForCode();
    await expect(connectDeviceHeadless({ verificationUri: denied.verification_uri, userCode: denied.user_code, user: 'alice', decision: 'deny' })).rejects.toThrow('asks for the code again');
    expect(await poll(denied)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
  });
});

describe('the verification page', () => {
  const open = async (url: string, form?: Record<string, string>, cookies = new CookieJar()) => {
    const response = await fetch(url, { method: form ? 'POST' : 'GET', headers: { cookie: cookies.headerFor(new URL(url)) }, ...(form ? { body: new URLSearchParams(form) } : {}) });
    cookies.store(new URL(url), response);
    return { response, html: await response.text(), cookies };
  };

  it('has no script, with a code and without, and may not be framed', async () => {
    const code = await askForCode();
    for (const url of [code.verification_uri, code.verification_uri_complete]) {
      const { response, html } = await open(url);
      expect(html).not.toMatch(/<script|\son[a-z]+=/i);
      expect(html).toMatch(/<form method="post"[\s\S]*name="user_code"[\s\S]*<button>/);
      expect(html).toContain('demo authorization server');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    expect((await open(code.verification_uri_complete)).html).toContain(`value="${code.user_code}"`);
  });

  it('shows code and client, escaped, before anything is asked', async () => {
    const code = await askForCode();
    const { html: input, cookies } = await open(code.verification_uri);
    const xsrf = /name="xsrf" value="(\w+)"/.exec(input)?.[1] ?? '';
    const { html } = await open(code.verification_uri, { xsrf, user_code: code.user_code }, cookies);
    expect(html).toContain('A &lt;b&gt;television&lt;/b&gt;');
    expect(html).toContain(code.user_code);
    expect(html).not.toMatch(/<script/i);
  });

  it('says that a code is unknown, and asks again', async () => {
    const { html: input, cookies } = await open(`${server.issuer}/device`);
    const xsrf = /name="xsrf" value="(\w+)"/.exec(input)?.[1] ?? '';
    const { html } = await open(`${server.issuer}/device`, { xsrf, user_code: '"><i>' }, cookies);
    expect(html).toContain('There is no such code.');
    expect(html).not.toContain('<i>');
  });

  it('refuses a form that it did not give', async () => {
    const code = await askForCode();
    const { cookies } = await open(code.verification_uri);
    const { html } = await open(code.verification_uri, { xsrf: 'made up', user_code: code.user_code, confirm: 'yes' }, cookies);
    expect(html).toContain('That did not work.');
    expect(await poll(code)).toMatchObject({ body: { error: 'authorization_pending' } });
  });
});

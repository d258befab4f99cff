import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { generateSigningKey, type SigningKey } from '../authorization-server/signing-key.js';
import type { LoopbackServer } from '../loopback/listen.js';
import { readOpenApiDocument, routesOf } from './openapi.document.js';
import { operations } from './operations.js';
import { startOrdersApi } from './server.js';

let key: SigningKey;
let issuer: string;
let jwks: Server;
let api: LoopbackServer;

beforeAll(async () => {
  key = await generateSigningKey();
  const { kty, n, e, kid, alg, use } = key.privateJwk;
  jwks = createServer((_request, response) => response.end(JSON.stringify({ keys: [{ kty, n, e, kid, alg, use }] })));
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`;
  api = await startOrdersApi({ port: 0, issuer });
});
afterAll(async () => {
  await api.close();
  await new Promise((resolve) => jwks.close(resolve));
});

interface Token {
  claims?: Record<string, unknown>;
  header?: Record<string, string>;
  expires?: string | null;
  with?: SigningKey;
}

function tokenOf(sub: string, tenant: string, token: Token = {}): Promise<string> {
  const jwt = new SignJWT({ iss: issuer, aud: 'orders', sub, tenant, scope: 'orders:read orders:write', ...token.claims }).setProtectedHeader({
    alg: 'RS256',
    typ: 'at+jwt',
    kid: key.kid,
    ...token.header,
  });
  return (token.expires === null ? jwt : jwt.setExpirationTime(token.expires ?? '5m')).sign((token.with ?? key).privateKey);
}

const alice = (): Promise<string> => tokenOf('alice', 'acme');
const bob = (): Promise<string> => tokenOf('bob', 'globex');

interface Answer {
  status: number;
  type: string | null;
  challenge: string | null;
  body: any; // eslint-disable-line typescript/no-explicit-any
}

async function call(method: string, path: string, token?: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    challenge: response.headers.get('www-authenticate'),
    body: text ? JSON.parse(text) : undefined,
  };
}

describe('the document', () => {
  it('is served without a token and names an implemented operation for each path and method', async () => {
    const { status, body } = await call('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(body.servers).toEqual([{ url: `http://127.0.0.1:${api.port}` }]);
    const routes = routesOf(readOpenApiDocument());
    expect(routes.map((route) => route.operationId).sort()).toEqual(Object.keys(operations).sort());
    expect(routes.length).toBeGreaterThanOrEqual(10);
  });
});

describe('the token', () => {
  it('is required', async () => {
    expect(await call('GET', '/orders')).toMatchObject({ status: 401, type: 'application/problem+json', challenge: 'Bearer' });
  });

  it.each<[string, Token]>([
    ['for another audience', { claims: { aud: 'http://localhost:3232/mcp' } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['of another issuer', { claims: { iss: 'http://localhost:3001' } }],
    ['past its expiry', { expires: '-1s' }],
    ['without an expiry', { expires: null }],
    ['that is an ID token', { header: { typ: 'JWT' } }],
    ['without a tenant', { claims: { tenant: undefined } }],
  ])('%s is refused', async (_name, forgery) => {
    const answer = await call('GET', '/orders', await tokenOf('alice', 'acme', forgery));
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json', challenge: 'Bearer error="invalid_token"' });
  });

  it('of another key is refused', async () => {
    const token = await tokenOf('alice', 'acme', { with: await generateSigningKey() });
    expect(await call('GET', '/orders', token)).toMatchObject({ status: 401 });
  });

  it('without the scope of the operation is a 403', async () => {
    const reader = await tokenOf('carol', 'acme', { claims: { scope: 'orders:read' } });
    expect(await call('DELETE', '/orders/acme-1101', reader)).toMatchObject({ status: 403, challenge: 'Bearer error="insufficient_scope", scope="orders:write"' });
    expect(await call('GET', '/orders/acme-1101', reader)).toMatchObject({ status: 200 });
  });

  it('is shown by whoAmI as the API saw it', async () => {
    const token = await tokenOf('alice', 'acme', { claims: { act: { sub: 'gatehouse' }, client_id: 'gatehouse', scope: 'orders:read' } });
    const { body } = await call('GET', '/me', token);
    expect(body).toEqual({ sub: 'alice', tenant: 'acme', aud: 'orders', scope: 'orders:read', act: { sub: 'gatehouse' }, clientId: 'gatehouse' });
  });

  it('is a 503, not a 401, while the authorization server is down', async () => {
    const lonely = await startOrdersApi({ port: 0, issuer: 'http://127.0.0.1:9' });
    const response = await fetch(`http://127.0.0.1:${lonely.port}/orders`, { headers: { authorization: `Bearer ${await alice()}` } });
    await lonely.close();
    expect(response.status).toBe(503);
  });
});

describe('the rows of others', () => {
  it.each([
    ['GET', '/orders/acme-1001'],
    ['DELETE', '/orders/acme-1001'],
    ['POST', '/orders/acme-1001/cancel'],
    ['GET', '/orders/acme-1001/items'],
    ['GET', '/orders/acme-1001/invoice'],
  ])('are not there: %s %s', async (method, path) => {
    expect(await call(method, path, await bob())).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect((await call('GET', '/orders/acme-1001', await alice())).body.status).toBe('paid');
  });

  it('are in no list and no sum', async () => {
    const list = await call('GET', '/orders?limit=50', await bob());
    expect(list.body.orders.map((order: { id: string }) => order.id)).toEqual(['globex-2002', 'globex-2001']);
    expect((await call('GET', '/statistics', await bob())).body.count).toBe(2);
  });

  it('stay so for the same subject in another tenant', async () => {
    expect(await call('GET', '/orders/acme-1001', await tokenOf('alice', 'globex'))).toMatchObject({ status: 404 });
  });
});

describe('the list', () => {
  it('pages with a cursor until the end, each order once', async () => {
    const token = await alice();
    const seen: string[] = [];
    let query = 'limit=3';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await call('GET', `/orders?${query}`, token);
      seen.push(...body.orders.map((order: { id: string }) => order.id));
      if (body.nextCursor === undefined) break;
      query = `limit=3&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(['acme-1007', 'acme-1006', 'acme-1005', 'acme-1004', 'acme-1003', 'acme-1002', 'acme-1001']);
  });

  it('filters by several states', async () => {
    const { body } = await call('GET', '/orders?limit=50&status=paid&status=cancelled', await alice());
    expect(body.orders.map((order: { status: string }) => order.status)).toEqual(['paid', 'cancelled', 'paid']);
  });

  it.each(['limit=0', 'limit=51', 'limit=x', 'status=lost', 'cursor=bm8'])('refuses %s', async (query) => {
    expect(await call('GET', `/orders?${query}`, await alice())).toMatchObject({ status: 422 });
  });
});

describe('an order', () => {
  const item = { sku: 'desk', quantity: 2, unitPrice: 30_000 };

  it('is created, changed, added to, cancelled and deleted', async () => {
    const token = await alice();
    const created = await call('POST', '/orders', token, { customer: 'Test', items: [item] });
    expect(created).toMatchObject({ status: 201, body: { status: 'open', total: 60_000 } });
    const path = `/orders/${created.body.id}`;
    expect(await call('PATCH', path, token, { note: 'ring twice' })).toMatchObject({ status: 200, body: { note: 'ring twice' } });
    expect(await call('POST', `${path}/items`, token, { ...item, quantity: 1 })).toMatchObject({ status: 201, body: { total: 90_000 } });
    expect((await call('GET', `${path}/items`, token)).body.items).toHaveLength(2);
    expect(await call('POST', `${path}/cancel`, token)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await call('PATCH', path, token, { note: 'late' })).toMatchObject({ status: 409 });
    expect(await call('DELETE', path, token)).toMatchObject({ status: 204 });
    expect(await call('GET', path, token)).toMatchObject({ status: 404 });
  });

  it.each([{}, { customer: 'x', items: [] }, { customer: '', items: [item] }, { customer: 'x', items: [item], owner: 'bob' }, [], 'x'])('refuses the body %j', async (body) => {
    expect(await call('POST', '/orders', await alice(), body)).toMatchObject({ status: 422, type: 'application/problem+json' });
  });

  it('takes a file and gives it back, to its owner only', async () => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array([0, 255, 1])], { type: 'image/png' }), 'a "b" é.png');
    form.set('note', 'n');
    const send = async (path: string, token: string, body?: FormData) => fetch(`http://127.0.0.1:${api.port}${path}`, { method: body ? 'POST' : 'GET', headers: { authorization: `Bearer ${token}` }, ...(body ? { body } : {}) });
    const attached = await send('/orders/acme-1001/attachments', await alice(), form);
    expect(attached.status).toBe(201);
    const kept = (await attached.json()) as { id: string };
    expect(kept).toMatchObject({ orderId: 'acme-1001', filename: 'a "b" é.png', mediaType: 'image/png', note: 'n', size: 3 });
    const download = await send(`/orders/acme-1001/attachments/${kept.id}`, await alice());
    expect(download.headers.get('content-type')).toBe('image/png');
    expect([...new Uint8Array(await download.arrayBuffer())]).toEqual([0, 255, 1]);
    expect((await send(`/orders/acme-1001/attachments/${kept.id}`, await bob())).status).toBe(404);
    expect((await send('/orders/acme-1001/attachments/other', await alice())).status).toBe(404);
  });

  it.each([
    ['JSON', 415, '{}', 'application/json'],
    ['no file', 422, '--x\r\ncontent-disposition: form-data; name="note"\r\n\r\nn\r\n--x--\r\n', 'multipart/form-data; boundary=x'],
    ['half a form', 400, '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nn', 'multipart/form-data; boundary=x'],
  ])('refuses %s in place of a file', async (_, status, body, type) => {
    const response = await fetch(`http://127.0.0.1:${api.port}/orders/acme-1001/attachments`, { method: 'POST', headers: { authorization: `Bearer ${await alice()}`, 'content-type': type }, body });
    expect(response.status).toBe(status);
  });

  it('has no invoice: always a problem', async () => {
    expect(await call('GET', '/orders/acme-1001/invoice', await alice())).toMatchObject({ status: 409, type: 'application/problem+json', body: { status: 409, title: 'Conflict' } });
  });

  it('answers unknown paths and methods', async () => {
    expect(await call('GET', '/nothing', await alice())).toMatchObject({ status: 404 });
    expect(await call('PUT', '/orders', await alice())).toMatchObject({ status: 405 });
  });
});

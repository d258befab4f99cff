import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from '../loopback/listen.js';
import { type OpenApiDocument, readOpenApiDocument, type Route, routesOf } from './openapi.document.js';
import { type Answer, operations } from './operations.js';
import { OrderStore } from './order.store.js';
import { Problem } from './problem.js';
import { readBody } from './request-body.js';
import { createTokenVerifier, type VerifyToken } from './token.verifier.js';

export interface OrdersApiOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly issuer: string;
}

interface Api {
  readonly document: OpenApiDocument;
  readonly routes: readonly Route[];
  readonly verifyToken: VerifyToken;
  readonly store: OrderStore;
}

export async function startOrdersApi(options: OrdersApiOptions): Promise<LoopbackServer> {
  const document = readOpenApiDocument();
  const api: Api = { document, routes: routesOf(document), verifyToken: createTokenVerifier(options.issuer, 'orders'), store: new OrderStore() };
  return listenOnLoopback((request, response) => {
    answer(api, request).then(
      (result) => (result.file ? sendFile(response, result.status, result.file) : send(response, result.status, 'application/json', result.body)),
      (error: unknown) => sendFailure(response, error),
    );
  }, options.port);
}

async function answer(api: Api, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://orders');
  if (pathname === '/openapi.json') {
    return { status: 200, body: { ...api.document, servers: [{ url: `http://${request.headers.host ?? 'localhost'}` }] } };
  }
  const route = chooseRoute(api.routes, request.method ?? '', pathname);
  const principal = await api.verifyToken(request.headers.authorization);
  const missing = route.scopes.filter((scope) => !principal.scopes.includes(scope));
  if (missing.length > 0) {
    const challenge = `Bearer error="insufficient_scope", scope="${missing.join(' ')}"`;
    throw new Problem(403, `The token lacks the scope ${missing.join(' ')}.`, { 'www-authenticate': challenge });
  }
  const path = (route.path.exec(pathname) ?? []).slice(1).map(decodeSegment);
  const run = operations[route.operationId];
  if (!run) throw new Error(`no operation ${route.operationId}`);
  return run({ principal, path, query: searchParams, body: await readBody(request), store: api.store });
}

function chooseRoute(routes: readonly Route[], method: string, pathname: string): Route {
  const candidates = routes.filter((route) => route.path.test(pathname));
  if (candidates.length === 0) throw new Problem(404, 'No such path.');
  const route = candidates.find((candidate) => candidate.method === method);
  if (!route) throw new Problem(405, 'No such method here.', { allow: candidates.map((candidate) => candidate.method).join(', ') });
  return route;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, 'The path is not valid percent-encoded UTF-8.');
  }
}

function sendFailure(response: ServerResponse, error: unknown): void {
  if (!(error instanceof Problem)) console.error(error);
  const problem = error instanceof Problem ? error : new Problem(500, 'The API failed.');
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  send(response, problem.status, 'application/problem+json', problem.describe());
}

function sendFile(response: ServerResponse, status: number, { mediaType, bytes }: { readonly mediaType: string; readonly bytes: Buffer }): void {
  response.writeHead(status, { 'content-type': mediaType, 'content-length': bytes.length, 'cache-control': 'no-store' }).end(bytes);
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

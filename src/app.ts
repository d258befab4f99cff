import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { createHostHook } from './auth/host.hook.js';
import type { LoadedConfiguration } from './config/configuration.file.js';
import type { Environment } from './config/environment.js';
import { PUBLIC_DOCUMENTS } from './config/protected-resource.js';
import type { DatabaseUrls } from './database/database-urls.js';
import { GatewayError } from './errors/gateway.error.js';
import { withExactArguments } from './mcp/exact-arguments.js';
import { findTooComplex } from './mcp/message-bounds.js';
import { createLogger, NestLogger } from './observability/logger.js';
import { createRequestLogHook } from './observability/request-log.hook.js';

const LARGEST_BODY = 4 * 1024 * 1024;
const LARGEST_FORM = 64 * 1024;
const LARGEST_PAGE_FORM = 16 * 1024;

export interface AppOptions {
  readonly logger?: Logger;
  /** With entries of their own, written in TypeScript. */
  readonly modules?: readonly Type[];
}

/** Builds the whole application, not yet listening: the same for the process and for tests. */
export async function createApp(
  configuration: LoadedConfiguration,
  environment: Environment,
  urls: DatabaseUrls,
  { logger = createLogger(configuration.settings.log.level), modules = [] }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const { publicUrls, allowedOrigins } = configuration.settings;
  const adapter = createAdapter();
  const fastify = adapter.getInstance();
  // Forms and plain text are cross-site requests that need no preflight; nothing here takes them.
  fastify.removeContentTypeParser('text/plain');
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    // A signature is over the bytes as they came.
    if (request.routeOptions.url?.startsWith('/api/webhooks/')) return done(null, body);
    const excess = findTooComplex(body);
    if (excess) return done(excess);
    parseJson(request, body, (error, message) => (error ? done(error) : done(null, withExactArguments(message, body))));
  });
  // Only the token request of an old client (legacy-discovery.controller.ts) and the pages' own are forms; elsewhere they stay refused.
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: LARGEST_FORM }, (request, body, done) => {
    const { url = '' } = request.routeOptions;
    const isPage = url.startsWith('/connections/');
    if (isPage && body.length > LARGEST_PAGE_FORM) done(new GatewayError({ code: 'too_large', status: 413 }, 'the form is too large'));
    else if (isPage || url === '/token') done(null, body);
    else done(new GatewayError({ code: 'unsupported_media_type', status: 415 }, 'send application/json'));
  });
  fastify.decorateRequest('publicUrl', '');
  for (const property of ['caller', 'subjectToken', 'call', 'admitAgain', 'abortCall'] as const) fastify.decorateRequest(property, undefined);
  fastify.addHook('onRequest', createHostHook(publicUrls, allowedOrigins));
  fastify.addHook('onResponse', createRequestLogHook(logger));
  fastify.addHook('preClose', (done) => {
    closeConnectionsAsTheyIdle(fastify.server);
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.create(configuration, environment, urls, modules), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.enableCors({ delegator: createCorsDelegator([...publicUrls, ...allowedOrigins]) });
  return app;
}

/** A connection whose call ends during the shutdown would otherwise be kept for its keep-alive time, and the process with it. */
export function closeConnectionsAsTheyIdle(server: Server): void {
  const timer = setInterval(() => server.closeIdleConnections(), 50);
  server.once('close', () => clearInterval(timer));
}

function createAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    genReqId: () => randomUUID(),
    bodyLimit: LARGEST_BODY,
    // The socket's address is the client's: no header of an untrusted peer may change whose limit is used.
    trustProxy: false,
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxRequestsPerSocket: 1_000,
    // Node looks at its time-outs every 30 s by itself.
    http: { headersTimeout: 10_000, maxHeaderSize: 32 * 1024, connectionsCheckingInterval: 2_000 },
  });
}

/** Exact origins for the endpoint, never the request's own; any origin for the metadata documents, which are public. */
function createCorsDelegator(origins: readonly string[]) {
  const endpoint = { origin: [...origins], methods: ['POST', 'GET'], exposedHeaders: ['WWW-Authenticate', 'Retry-After', 'MCP-Protocol-Version', 'Mcp-Session-Id'], maxAge: 600 };
  const metadata = { origin: '*', methods: ['GET'] };
  return (request: { url: string }, callback: (error: Error | null, options: object) => void) => callback(null, request.url.startsWith(PUBLIC_DOCUMENTS) ? metadata : endpoint);
}

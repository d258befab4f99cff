/** What tools/list is measured against: Fastify, which answers every POST with the same bytes. */
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';

const [port = '', file = ''] = process.argv.slice(2);
const body = readFileSync(file);

const server = Fastify({ logger: false, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxRequestsPerSocket: 1_000 });
server.get('/ready', async () => 'ready');
server.post('/mcp', async (_, reply) => reply.header('content-type', 'application/json').send(body));
await server.listen({ port: Number(port), host: '127.0.0.1' });

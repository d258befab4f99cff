/** What Gatehouse is measured against: a reverse proxy of Fastify and an undici Pool, answers streamed, no logger, nothing checked. */
import Fastify from 'fastify';
import { Pool } from 'undici';

const [port = '', upstream = ''] = process.argv.slice(2);

/** Of one connection only (RFC 9110 §7.6.1), and `host`, which is the upstream's. */
const ownHeaders = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade']);

// The same rules for sockets on both sides as Gatehouse's (src/app.ts, libs/egress).
const pool = new Pool(upstream, { connections: 64, pipelining: 1, keepAliveTimeout: 10_000 });
const proxy = Fastify({ logger: false, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxRequestsPerSocket: 1_000 });

proxy.get('/*', async (request, reply) => {
  const headers: string[] = [];
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !ownHeaders.has(name)) headers.push(name, value);
  }
  const answer = await pool.request({ method: 'GET', path: request.url, headers });
  reply.code(answer.statusCode);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !ownHeaders.has(name)) reply.header(name, value);
  }
  return reply.send(answer.body);
});

await proxy.listen({ port: Number(port), host: '127.0.0.1' });

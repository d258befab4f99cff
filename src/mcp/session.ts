import type { FastifyRequest } from 'fastify';

/** What tells programs of one user and client apart: only names, whoever sends them. */
export function sessionOf({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>): unknown {
  const sse = typeof query === 'object' && query !== null && 'sessionId' in query ? query.sessionId : undefined;
  return sse ?? headers['mcp-session-id'];
}

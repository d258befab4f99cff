import type { onRequestHookHandler } from 'fastify';
import { PUBLIC_DOCUMENTS } from '../config/protected-resource.js';
import '../context/request.js';

/** Probes of the platform come by address, not by public name. */
const PROBES = new Set(['/healthz', '/readyz']);

/**
 * Which of our public URLs a request is for, and that a browser may send it: a Host outside the list is DNS rebinding,
 * an Origin outside the list is another site. The metadata documents are for every origin.
 */
export function createHostHook(publicUrls: readonly string[], allowedOrigins: readonly string[]): onRequestHookHandler {
  const byHost = new Map(publicUrls.map((url) => [new URL(url).host, url]));
  const [canonical = ''] = publicUrls;
  const origins = new Set([...publicUrls, ...allowedOrigins]);
  return (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const publicUrl = byHost.get(request.headers.host?.toLowerCase() ?? '');
    if (publicUrl === undefined && !PROBES.has(path)) {
      reply.code(403).send({ error: 'forbidden_host', error_description: 'the Host header names none of the publicUrls of this gateway' });
      return;
    }
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin) && !path.startsWith(PUBLIC_DOCUMENTS)) {
      reply.code(403).send({ error: 'forbidden_origin', error_description: 'the Origin is neither of publicUrls nor of allowedOrigins' });
      return;
    }
    request.publicUrl = publicUrl ?? canonical;
    done();
  };
}

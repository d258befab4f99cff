import type { onResponseHookHandler } from 'fastify';
import type { Logger } from 'pino';
import '../context/request.js';

/** One line for each answered request: an allow-list of fields, none of them from a header or a body. */
export function createRequestLogHook(logger: Logger): onResponseHookHandler {
  return (request, reply, done) => {
    logger.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 100) / 100,
        ...(request.call ? { tenant: request.call.tenant.name, caller: `${request.call.caller.provider}:${request.call.caller.subject}` } : {}),
      },
      'request',
    );
    done();
  };
}

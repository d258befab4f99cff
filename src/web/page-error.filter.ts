import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toGatewayError } from '../errors/http-error.filter.js';
import { sendPage } from './answer.js';
import { NoPagesError } from './page.guard.js';
import { renderError } from './pages/error.page.js';

/** Error → page, for people; everything else has http-error.filter.ts. */
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger(PageErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const known = toGatewayError(error, request.id);
    // What the identity provider or a connection's server objects to is the operator's to read.
    if (known.status >= 500) this.#logger.error({ msg: known.message, requestId: request.id, err: error });
    else if (known.cause !== undefined) this.#logger.warn({ msg: known.message, requestId: request.id, err: known.cause });
    if (reply.sent) return;
    reply.headers(known.headers);
    if (known instanceof NoPagesError) reply.code(known.status).type('text/plain; charset=utf-8').send(`${known.message}\n`);
    else sendPage(reply, renderError(known), known.status);
  }
}

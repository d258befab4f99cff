import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from './gateway.error.js';

/** Error → HTTP, the only place. The body is that of OAuth and of nothing else: `error` and `error_description`. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger(HttpErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const known = toGatewayError(error, request.id);
    if (known.status >= 500) this.#logger.error({ msg: known.message, requestId: request.id, err: error });
    if (reply.sent) return;
    reply.code(known.status).headers(known.headers).send({ error: known.code, error_description: known.message });
  }
}

/** What is not ours becomes one of ours; its own words stay in `cause`. */
export function toGatewayError(error: unknown, requestId: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof HttpException) {
    const status = error.getStatus();
    return new GatewayError({ code: codes[status] ?? 'invalid_request', status }, status === 404 ? 'there is no such resource' : error.message);
  }
  return new GatewayError({ code: 'internal_error', status: 500 }, `internal error; request ${requestId}`, { cause: error });
}

const codes: Readonly<Record<number, string>> = { 404: 'not_found', 405: 'method_not_allowed', 413: 'too_large', 415: 'unsupported_media_type' };

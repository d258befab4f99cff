import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import '../context/request.js';
import { GatewayError } from '../errors/gateway.error.js';
import { PAGE_HEADERS } from './page.headers.js';
import { hasPages } from './sign-in/browser-client.js';
import { VisitLimits } from './visit.limits.js';

/** There are no pages at this gateway: said in plain text, because there is no page to say it on. */
export class NoPagesError extends GatewayError {
  constructor() {
    super({ code: 'no_pages', status: 404 }, 'This gateway has no pages: its configuration has no vault, or no provider with browser.');
  }
}

/** What holds for every page, whoever asks: headers, a bound for each address, and forms from our own pages only. */
@Injectable()
export class PageGuard implements CanActivate {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly limits: VisitLimits,
    private readonly securityEvents: SecurityEvents,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    context.switchToHttp().getResponse<FastifyReply>().headers(PAGE_HEADERS);
    if (!hasPages(this.live.current.settings)) throw new NoPagesError();
    await this.limits.countAddress(request.ip);
    if (request.method !== 'POST' || isFromOurPage(request)) return true;
    this.securityEvents.count('cross_site_form', 'pages', request.ip);
    throw new GatewayError({ code: 'cross_site_form', status: 403 }, 'this form was not sent by a page of this gateway');
  }
}

/** Browsers say where a form comes from by at least one of the two; one that contradicts, or none at all, is no form of ours. */
export function isFromOurPage({ headers, publicUrl }: Pick<FastifyRequest, 'headers' | 'publicUrl'>): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined && site === undefined) return false;
  return (origin === undefined || origin === publicUrl) && (site === undefined || site === 'same-origin');
}

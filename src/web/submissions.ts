import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { isSameSecret } from '../auth/api-keys/api-key.format.js';
import { GatewayError } from '../errors/gateway.error.js';
import { BrowserSessions, type Visit } from './session/browser-sessions.js';
import { VisitLimits } from './visit.limits.js';

/** A form of ours that its reader sent. */
export interface Submission extends Visit {
  readonly form: URLSearchParams;
}

/** What somebody changes: by a form of this very session, and not too often. */
@Injectable()
export class Submissions {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly limits: VisitLimits,
    private readonly securityEvents: SecurityEvents,
  ) {}

  /** @throws GatewayError 401, 403, 415, 429 */
  async read(request: FastifyRequest): Promise<Submission> {
    const visit = await this.sessions.demand(request);
    await this.limits.countVisitor(visit.visitor);
    const form = readForm(request.body);
    if (isSameSecret(visit.session.csrf, form.get('csrf') ?? '')) return { ...visit, form };
    this.securityEvents.count('cross_site_form', visit.session.provider, request.ip);
    throw new GatewayError({ code: 'cross_site_form', status: 403 }, 'this form is not of your present session');
  }
}

/** @param body text of `application/x-www-form-urlencoded`; anything else was parsed as something else (app.ts) */
function readForm(body: unknown): URLSearchParams {
  if (typeof body !== 'string') throw new GatewayError({ code: 'unsupported_media_type', status: 415 }, 'the pages take their own forms only');
  return new URLSearchParams(body);
}

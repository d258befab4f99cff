import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { PUBLIC_URLS } from '../config/start-settings.js';
import '../context/request.js';
import { PUBLIC_ROUTE } from './access.js';
import { readBearerToken } from './bearer-token.js';
import { unauthorized, type Challenge } from '../errors/challenge.js';
import { mcpPath, metadataUrl, pathTenant } from '../config/protected-resource.js';
import { TokenError } from './token.error.js';
import { TokenVerifier } from './token.verifier.js';
import type { VerifiedToken } from './verified-token.js';

/** Who is calling. Global: a route needs a verified bearer token of its own resource unless it is declared public. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly live: LiveConfiguration,
    private readonly securityEvents: SecurityEvents,
    @Inject(PUBLIC_URLS) private readonly publicUrls: readonly string[],
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(PUBLIC_ROUTE, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const tenant = pathTenant(request);
    const token = readBearerToken(request.raw.rawHeaders);
    if (!token) throw this.refuse(request, tenant, new TokenError('no_credential', ''));
    try {
      const verified = await this.verifier.verify(token);
      this.checkAudience(verified, tenant);
      request.caller = verified.caller;
      request.subjectToken = token;
      return true;
    } catch (error) {
      if (error instanceof TokenError) throw this.refuse(request, tenant, error);
      throw error;
    }
  }

  /** A token is for this gateway when it names this path's resource, on any public URL, or an audience of its provider. */
  private checkAudience({ caller, audiences }: VerifiedToken, tenant: string | undefined): void {
    const path = mcpPath(tenant);
    const configured = this.live.current.settings.providers[caller.provider]?.audiences ?? [];
    const accepted = audiences.some((audience) => configured.includes(audience) || this.publicUrls.some((url) => url + path === audience));
    if (!accepted) throw new TokenError('audience', 'the token was not issued for this resource');
  }

  private refuse(request: FastifyRequest, tenant: string | undefined, error: TokenError): Error {
    this.securityEvents.count(error.reason, 'bearer', request.ip);
    const challenge: Challenge = { resourceMetadata: metadataUrl(request.publicUrl, tenant), scope: this.basicScopes() };
    if (error.reason === 'no_credential') return unauthorized(challenge);
    return unauthorized({ ...challenge, error: 'invalid_token', description: error.message }, error);
  }

  private basicScopes(): string {
    return [...new Set(Object.values(this.live.current.settings.providers).flatMap(({ basicScopes }) => basicScopes))].join(' ');
  }
}

import type { Secret } from '@gatehouse-mcp/oauth';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { PUBLIC_URLS } from '../config/start-settings.js';
import '../context/request.js';
import { PUBLIC_ROUTE } from './access.js';
import { judgeAudience } from './audience.js';
import { readCredential } from './credential.js';
import { describeDoor } from './door.js';
import { unauthorized, type Challenge } from '../errors/challenge.js';
import { metadataUrl, pathTenant, pathToolset, resourcePath } from '../config/protected-resource.js';
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
    await this.authenticate(request);
    request.admitAgain = () => this.authenticate(request);
    return true;
  }

  private async authenticate(request: FastifyRequest): Promise<void> {
    const tenant = pathTenant(request);
    try {
      const { verified, token } = await this.identify(request, tenant);
      judgeAudience(verified, { settings: this.live.current.settings, publicUrls: this.publicUrls, path: resourcePath(request) });
      request.caller = verified.caller;
      request.subjectToken = verified.isExchangeable ? token : undefined;
    } catch (error) {
      if (error instanceof TokenError) throw this.refuse(request, tenant, error);
      throw error;
    }
  }

  /** Who sent the one credential of the request; a request without any is somebody only where the configuration says so. */
  private async identify(request: FastifyRequest, tenant: string | undefined): Promise<{ verified: VerifiedToken; token: Secret | undefined }> {
    const token = readCredential(request.raw.rawHeaders);
    if (token) return { verified: await this.verifier.verify(token, tenant), token };
    // A credential of another scheme is one too: whoever sends it means to be somebody else.
    const isBare = request.headers.authorization === undefined;
    const verified = isBare && isLoopback(request.ip) ? await this.verifier.identifyWithoutCredential() : undefined;
    if (!verified) throw new TokenError('no_credential', '');
    return { verified, token };
  }

  private refuse(request: FastifyRequest, tenant: string | undefined, error: TokenError): Error {
    this.securityEvents.count(error.reason, 'bearer', request.ip);
    const toolset = pathToolset(request);
    const scopes = describeDoor(this.live.current.settings, tenant, toolset)?.scopes ?? [];
    const challenge: Challenge = { resourceMetadata: metadataUrl(request.publicUrl, resourcePath(request)), scope: scopes.join(' ') };
    if (error.reason === 'no_credential') return unauthorized(challenge);
    return unauthorized({ ...challenge, error: 'invalid_token', description: error.message }, error);
  }
}

const isLoopback = (address: string): boolean => /^(?:127\.|::1$|::ffff:127\.)/.test(address);

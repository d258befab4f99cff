import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SecurityEvents } from '../../audit/security-events.js';
import { Revocations } from '../../auth/revocations/revocations.js';
import { TokenError } from '../../auth/token.error.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import type { Caller } from '../../context/caller.js';
import type { Visitor } from '../../credentials/vault/visitor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { admit } from '../../tenancy/admission.js';
import { TenantRegistry } from '../../tenancy/tenant.registry.js';
import { findBrowser } from '../sign-in/browser-client.js';
import { SealedCookie } from './sealed-cookie.js';

export const SESSION_PURPOSE = 'gatehouse browser session';
/** Seconds, whatever the visitor does. */
const LIFE_S = 30 * 60;
/** A token that ends sooner makes no session: its end would only lead to the next sign-in. */
const LEAST_LIFE_S = 30;
const LONGEST_NAME = 80;

const text = z.string();
const sessionSchema = z.object({
  provider: text,
  issuer: text,
  subject: text,
  name: text.optional(),
  email: text.optional(),
  tenant: text,
  clientId: text.optional(),
  tokenId: text.optional(),
  issuedAt: z.number().optional(),
  expiresAt: z.number(),
  /** Random, new at each sign-in. */
  id: text,
  csrf: text,
});

export type BrowserSession = z.output<typeof sessionSchema>;

/** Somebody signed in at a page. */
export interface Visit {
  readonly session: BrowserSession;
  readonly visitor: Visitor;
}

/** Who is signed in at the pages. The token that proved it is not kept; what it said is judged again at each request. */
@Injectable()
export class BrowserSessions {
  readonly #cookie: SealedCookie<BrowserSession>;

  constructor(
    private readonly live: LiveConfiguration,
    private readonly registry: TenantRegistry,
    private readonly revocations: Revocations,
    private readonly securityEvents: SecurityEvents,
  ) {
    this.#cookie = new SealedCookie(live, { name: 'session', purpose: SESSION_PURPOSE, schema: sessionSchema });
  }

  /**
   * A new session of a caller whose token was verified a moment ago.
   * @returns a `Set-Cookie` line
   * @throws GatewayError 403 for somebody without an active tenant, or whose token is about to end
   */
  async create(request: FastifyRequest, caller: Caller): Promise<string> {
    const tenant = this.#admit(caller, request.ip);
    const now = Math.floor(Date.now() / 1_000);
    const expiresAt = Math.min(now + LIFE_S, Math.floor(caller.expiresAt));
    if (expiresAt - now < LEAST_LIFE_S) throw new GatewayError({ code: 'sign_in_refused', status: 403 }, 'the identity provider issued a token that ends within seconds');
    const { provider, issuer, subject, email, clientId, tokenId, issuedAt } = caller;
    const session = { provider, issuer, subject, name: caller.name?.slice(0, LONGEST_NAME), email, tenant: tenant.name, clientId, tokenId, issuedAt, expiresAt };
    return this.#cookie.seal(request, { ...session, id: randomBytes(16).toString('base64url'), csrf: randomBytes(32).toString('base64url') }, expiresAt);
  }

  /** @returns undefined for somebody who has to sign in, again or for the first time */
  async find(request: FastifyRequest): Promise<Visit | undefined> {
    const session = await this.#cookie.read(request);
    if (!session) return undefined;
    const caller = toCaller(session);
    if (!this.#isConfigured(session)) return undefined;
    try {
      this.revocations.judge(caller);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.securityEvents.count(error.reason, session.provider, request.ip);
      return undefined;
    }
    const tenant = this.#admit(caller, request.ip);
    return { session, visitor: { requestId: request.id, caller, tenant, address: request.ip } };
  }

  /** @throws GatewayError 401 */
  async demand(request: FastifyRequest): Promise<Visit> {
    const visit = await this.find(request);
    if (!visit) throw new GatewayError({ code: 'signed_out', status: 401 }, 'you are not signed in any more');
    return visit;
  }

  /** @returns a `Set-Cookie` line */
  end(request: FastifyRequest): string {
    return this.#cookie.remove(request);
  }

  #admit(caller: Caller, address: string) {
    try {
      return admit(caller.tenant === undefined ? undefined : this.registry.find(caller.tenant));
    } catch (error) {
      if (error instanceof GatewayError) this.securityEvents.count(error.code, caller.provider, address);
      throw error;
    }
  }

  /** People of the tenant still sign in at this provider's page. */
  #isConfigured({ provider, tenant }: BrowserSession): boolean {
    const { tenants } = this.live.current.settings;
    const rules = Object.hasOwn(tenants, tenant) ? tenants[tenant]?.rules : undefined;
    return findBrowser(this.live.current.settings, provider) !== undefined && rules?.some((rule) => rule.provider === provider) === true;
  }
}

/** What the token said, as far as it is kept. Nothing here asks for scopes or roles. */
function toCaller({ provider, issuer, subject, name, email, tenant, clientId, tokenId, issuedAt, expiresAt }: BrowserSession): Caller {
  return Object.freeze({
    provider,
    issuer,
    subject,
    kind: 'user',
    clientId,
    actors: [],
    name,
    email,
    verifiedEmail: undefined,
    scopes: new Set<string>(),
    roles: new Set<string>(),
    tenant,
    authentication: { at: undefined, context: undefined, methods: [] },
    tokenId,
    issuedAt,
    expiresAt,
  });
}

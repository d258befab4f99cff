import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SecurityEvents } from '../../audit/security-events.js';
import { isSameSecret } from '../../auth/api-keys/api-key.format.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { readQuery } from '../destination.js';
import { SealedCookie } from '../session/sealed-cookie.js';

/** Seconds from leaving for the provider to coming back. */
const LIFE_S = 10 * 60;

const text = z.string();
const schema = z.object({
  provider: text,
  state: text,
  /** PKCE verifier. */
  verifier: text,
  nonce: text.optional(),
  tenant: text.optional(),
  connection: text.optional(),
  for: text.optional(),
});

/** A sign-in that is under way in one browser, and where it leads. */
export type PendingSignIn = z.output<typeof schema>;

/** At most one in each browser, kept there. */
@Injectable()
export class PendingSignIns {
  readonly #cookie: SealedCookie<PendingSignIn>;

  constructor(
    live: LiveConfiguration,
    private readonly securityEvents: SecurityEvents,
  ) {
    this.#cookie = new SealedCookie(live, { name: 'sign_in', purpose: 'gatehouse browser sign-in', schema });
  }

  /** @returns a `Set-Cookie` line */
  keep(request: FastifyRequest, pending: PendingSignIn): Promise<string> {
    return this.#cookie.seal(request, pending, Math.floor(Date.now() / 1_000) + LIFE_S);
  }

  /**
   * The one that this answer of a provider belongs to; it is good once, whatever comes of it.
   * @throws GatewayError 400 when it was begun elsewhere, too long ago, or is done
   */
  async take(request: FastifyRequest, reply: FastifyReply): Promise<PendingSignIn> {
    const pending = await this.#cookie.read(request);
    reply.header('set-cookie', this.#cookie.remove(request));
    if (pending && isSameSecret(pending.state, readQuery(request).get('state') ?? '')) return pending;
    this.securityEvents.count('sign_in_state', 'pages', request.ip);
    throw new GatewayError({ code: 'sign_in_expired', status: 400 }, 'this sign-in was begun in another browser, more than ten minutes ago, or is done already');
  }
}

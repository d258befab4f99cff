import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';

const MOST_SESSIONS = 10_000;
/** Most resources of one client. */
export const MOST_RESOURCES = 100;

/**
 * What legacy clients subscribed to on this replica (`resources/subscribe`). Nothing is kept for a session, so a client whose stream is at another
 * replica is not told: it needs affinity, as the guide says. The client that was heard of longest ago is forgotten first.
 */
@Injectable()
export class LegacySubscriptions {
  readonly #uris = new Map<string, Set<string>>();

  /** @returns false when the client has as many as it may */
  add(call: CallContext, sessionId: unknown, uri: string): boolean {
    const key = keyOf(call, sessionId);
    const uris = this.#uris.get(key) ?? new Set();
    if (uris.size >= MOST_RESOURCES && !uris.has(uri)) return false;
    this.#uris.delete(key);
    this.#uris.set(key, uris.add(uri));
    const [oldest] = this.#uris.size > MOST_SESSIONS ? this.#uris.keys() : [];
    if (oldest !== undefined) this.#uris.delete(oldest);
    return true;
  }

  delete(call: CallContext, sessionId: unknown, uri: string): void {
    this.#uris.get(keyOf(call, sessionId))?.delete(uri);
  }

  has(call: CallContext, sessionId: unknown, uri: string): boolean {
    return this.#uris.get(keyOf(call, sessionId))?.has(uri) ?? false;
  }
}

const keyOf = ({ tenant, caller }: CallContext, sessionId: unknown): string => JSON.stringify([tenant.id, caller.issuer, caller.subject, caller.clientId, sessionId ?? null]);

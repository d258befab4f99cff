import { hash } from 'node:crypto';
import type { ServerSettings } from '../../config/server.schema.js';
import type { CallContext } from '../../context/call-context.js';
import type { Credential } from '../../context/credential.js';

/** A legacy session with a server: of one caller and one credential, and of nobody else. */
export interface ServerSession {
  readonly version: string;
  /** Undefined where the server keeps none. */
  readonly id: string | undefined;
  readonly capabilities: object;
}

const MOST = 5_000;
const IDLE_MS = 5 * 60_000;

interface Kept {
  readonly session: Promise<ServerSession>;
  /** Ends it at the server, as whoever opened it. */
  readonly end: (session: ServerSession) => void;
  usedAt: number;
}

/** Legacy sessions under way: opened once at a time, ended when nobody used them for five minutes. */
export class SessionMap {
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept>();

  get size(): number {
    return this.#kept.size;
  }

  /** @throws whatever `open` throws, to all who wait for it */
  obtain(key: string, open: () => Promise<ServerSession>, end: Kept['end']): Promise<ServerSession> {
    const known = this.#kept.get(key);
    const kept = known ?? { session: open(), end, usedAt: 0 };
    kept.usedAt = performance.now();
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (!known) kept.session.catch(() => this.forget(key, kept.session));
    const [oldest] = this.#kept.size > MOST ? this.#kept.keys() : [];
    if (oldest !== undefined) this.#end(oldest);
    return kept.session;
  }

  /** Drops a session that the server no longer knows, if it is still the one that is kept. */
  forget(key: string, session: Promise<ServerSession> | undefined): void {
    if (this.#kept.get(key)?.session === session) this.#kept.delete(key);
  }

  peek(key: string): Promise<ServerSession> | undefined {
    return this.#kept.get(key)?.session;
  }

  /** Ends what nobody used for the idle time; all, when there is no time left. */
  sweep(idleMs = IDLE_MS): void {
    const limit = performance.now() - idleMs;
    for (const [key, { usedAt }] of this.#kept) {
      if (usedAt > limit) break;
      this.#end(key);
    }
  }

  #end(key: string): void {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    kept?.session.then(kept.end, () => undefined);
  }
}

/** Whose session it is: everything that makes one caller's right to the server differ from another's. */
export function sessionKey({ tenant, caller }: CallContext, { name, url }: Pick<ServerSettings, 'name' | 'url'>, credential: Pick<Credential, 'placement'> | undefined): string {
  const { placement } = credential ?? {};
  const shown = placement === undefined ? '' : hash('sha256', JSON.stringify([placement.in, placement.name, placement.prefix, placement.secret.reveal()]));
  return JSON.stringify([tenant.id, name, url, caller.issuer, caller.subject, caller.kind, caller.clientId ?? null, shown]);
}

import type { LogLevel } from '../catalog/native/native.definitions.js';
import type { CallContext } from '../context/call-context.js';

/** The least severe first. */
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

const MOST_CLIENTS = 10_000;

export const isLogLevel = (value: unknown): value is LogLevel => LEVELS.some((level) => level === value);

/** Whether an entry is at least as severe as what a client wants. */
export const isWanted = (level: LogLevel, least: LogLevel): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least);

/**
 * What legacy clients set by `logging/setLevel`, as far as this replica heard of it: another one sends what it likes, as it may of a
 * client that set nothing. The one that was asked for longest is forgotten first.
 */
export class LogLevels {
  readonly #levels = new Map<string, LogLevel>();

  set(call: CallContext, sessionId: unknown, level: LogLevel): void {
    const key = keyOf(call, sessionId);
    this.#levels.delete(key);
    this.#levels.set(key, level);
    const [oldest] = this.#levels.size > MOST_CLIENTS ? this.#levels.keys() : [];
    if (oldest !== undefined) this.#levels.delete(oldest);
  }

  of(call: CallContext, sessionId: unknown): LogLevel {
    return this.#levels.get(keyOf(call, sessionId)) ?? 'info';
  }
}

const keyOf = ({ tenant, caller }: CallContext, sessionId: unknown): string => JSON.stringify([tenant.id, caller.issuer, caller.subject, caller.clientId, sessionId]);

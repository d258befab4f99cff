import type { Caller } from '../context/caller.js';

/** Audience of what only this gateway issues or configures, such as its API keys. */
export const THIS_GATEWAY = Symbol('this gateway');

/** What a strategy proved about a credential. The audience is judged per request, because it depends on the path. */
export interface VerifiedToken {
  readonly caller: Caller;
  readonly audiences: readonly string[] | typeof THIS_GATEWAY;
  /** Whether an authorization server issued it, so that it can be exchanged there for another (RFC 8693). */
  readonly isExchangeable: boolean;
}

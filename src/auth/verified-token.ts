import type { Caller } from '../context/caller.js';

/** What a strategy proved about a token. The audience is judged per request, because it depends on the path. */
export interface VerifiedToken {
  readonly caller: Caller;
  readonly audiences: readonly string[];
}

import type { Secret } from '@gatehouse-mcp/oauth';
import type { CallContext } from './call-context.js';
import type { Caller } from './caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The `publicUrls` entry that the Host header selected. */
    publicUrl: string;
    /** Set by BearerGuard. */
    caller: Caller | undefined;
    /** Set by BearerGuard for credentials that can be exchanged. */
    subjectToken: Secret | undefined;
    /** Set by TenantGuard, the last word on who calls and for which tenant. */
    call: CallContext | undefined;
    /**
     * Asks once more, as at the door, whether the request's credential is admitted, for a response that goes on; `caller` and `call` are what
     * it is by then. Set by BearerGuard, and by TenantGuard for the tenant. Throws what the guards throw.
     */
    admitAgain: (() => Promise<void>) | undefined;
    /** Aborts `call.signal`. */
    abortCall: AbortController | undefined;
  }
}

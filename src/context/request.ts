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
    /** Aborts `call.signal`. */
    abortCall: AbortController | undefined;
  }
}

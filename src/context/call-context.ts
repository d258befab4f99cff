import type { Secret } from '@gatehouse-mcp/oauth';
import type { Caller } from './caller.js';
import type { Tenant } from './tenant.js';

/** Everything a step of one call needs to know about who asks; frozen, passed as the first argument, never ambient. */
export interface CallContext {
  readonly requestId: string;
  readonly caller: Caller;
  readonly tenant: Tenant;
  /** Name of the tenant's toolset whose address was called; undefined where all of its tools are. */
  readonly toolset: string | undefined;
  /** The caller's own token: only the exchange may read it, and it never leaves for an API. Undefined for what no server exchanges. */
  readonly subjectToken: Secret | undefined;
  /** Aborts on the call's deadline, a cancelled request and shutdown. */
  readonly signal: AbortSignal;
  /** The peer's address as the socket says it. */
  readonly address: string;
  /** The `publicUrls` entry that the caller used. */
  readonly publicUrl: string;
  /** Where the metadata of the resource that was called stands, for a step-up challenge (RFC 9728). */
  readonly resourceMetadata: string;
}

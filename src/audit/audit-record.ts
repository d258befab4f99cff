/**
 * One line of a tenant's audit trail, before the writer adds its place in the chain. No field ever holds a token. A type and
 * not an interface, so that it is a record of the hash chain as it is.
 */
export type AuditRecord = {
  /** UUID of the call; its intent and its outcome share it. */
  readonly callId: string;
  readonly kind: 'intent' | 'outcome' | 'refused';
  /** ISO 8601 with milliseconds, UTC. */
  readonly at: string;
  readonly requestId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string | null;
  /**
   * Who acts towards the API. The id of the gateway's client: on behalf of the subject, by an exchange. The same behind
   * `client-credentials:` or `service-account:`, or `api-key:` and the key's name: a service, whoever the subject is.
   */
  readonly actor: string | null;
  readonly api: string | null;
  readonly tool: string;
  /** `allowed`, or why the caller was refused: `insufficient_scope`, `rate_limited`, `not_found`, `invalid_arguments`, … */
  readonly decision: string;
  /** Of an outcome: `success`, `failure` or `unknown`. */
  readonly result: 'success' | 'failure' | 'unknown' | null;
  readonly upstreamStatus: number | null;
  /** Milliseconds from the intent to the outcome. */
  readonly durationMs: number | null;
  /** Scopes of the token obtained for the API. */
  readonly scopes: readonly string[] | null;
  /** SHA-256 of the arguments' JSON, hex. */
  readonly argumentDigest: string | null;
  readonly address: string;
};

import type { Secret } from '@gatehouse-mcp/oauth';

/** Where a credential stands in the request to an API. */
export interface Placement {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  /** Stands before the secret as it is. */
  readonly prefix: string;
  readonly secret: Secret;
}

/** What a call to an API carries to prove who it is made for. */
export interface Credential {
  /** Undefined where the API needs none. */
  readonly placement: Placement | undefined;
  /**
   * Who acts, as the audit records it. On behalf of the caller: the id of the gateway's client. As a service: the same behind
   * `client-credentials:`, or `api-key:` and the key's name. Null where the call carries no credential, or the user's own key.
   */
  readonly actor: string | null;
  /** Scopes of the token; null where nobody knows them. */
  readonly scopes: readonly string[] | null;
  /** Whether the server was asked for the caller's scopes only: what goes beyond them is not used then. */
  readonly isNarrowed: boolean;
  /** Gives up on a token that the API answered with 401, so that another is obtained; undefined for what cannot be replaced. */
  readonly evict: (() => void) | undefined;
  /** Makes the error for scopes that the token lacks, where its user may get a wider one. */
  readonly explainLack?: ((lacking: readonly string[]) => Promise<Error>) | undefined;
}

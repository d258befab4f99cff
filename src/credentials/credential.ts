import type { Secret } from '@gatehouse-mcp/oauth';

/** What a call to an API carries to prove who it is made for. */
export interface Credential {
  /** The bearer token of the `Authorization` header; undefined where the API needs none. */
  readonly bearer: Secret | undefined;
  /** Who acts for the subject: the gateway's client at the API's authorization server. */
  readonly actor: string | null;
  /** Scopes of the token; null where there is no token. */
  readonly scopes: readonly string[] | null;
  /** Call it when the API answers 401. */
  readonly evict: () => void;
}

import type { Secret } from '@gatehouse-mcp/oauth';

/** Connection URLs of the one store that must be there. */
export interface DatabaseUrls {
  /** Runtime login, which may only SET the roles granted to it; may pass through PgBouncer. */
  readonly url: Secret;
  /** The same login without a pooler between, for LISTEN. */
  readonly directUrl: Secret;
  /** CREATEROLE login of apply and migrations; undefined where only `serve --no-apply` runs. */
  readonly adminUrl: Secret | undefined;
}

/** The verified principal of a request. It holds no credential. */
export interface Caller {
  /** Id of the provider in `gatehouse.yaml` whose strategy verified the credential. */
  readonly provider: string;
  readonly issuer: string;
  /** Stable user key within the issuer; people see it as `provider:subject`. */
  readonly subject: string;
  readonly kind: 'user' | 'machine';
  /** OAuth client that obtained the credential, when the provider says it. */
  readonly clientId: string | undefined;
  /** Who acts for the subject, the current actor first (RFC 8693 §4.1); empty when it acts for itself. */
  readonly actors: readonly string[];
  /** For display only: neither identifies anybody. */
  readonly name: string | undefined;
  readonly email: string | undefined;
  /** The same when the provider verified it and it is one plain address: it may be shown to others as the user's. */
  readonly verifiedEmail: string | undefined;
  readonly scopes: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  /** Name of the tenant that the rules give this caller; undefined when none applies or two disagree. */
  readonly tenant: string | undefined;
  /** When and how strongly the user authenticated, when the provider says it. */
  readonly authentication: Authentication;
  /** `jti` of the token, or the id of the API key. */
  readonly tokenId: string | undefined;
  /** Seconds since the epoch; undefined when the provider does not say it. */
  readonly issuedAt: number | undefined;
  /** End of the credential's life, seconds since the epoch. */
  readonly expiresAt: number;
}

export interface Authentication {
  /** `auth_time`, seconds since the epoch. */
  readonly at: number | undefined;
  /** `acr` (OpenID Connect Core §2). */
  readonly context: string | undefined;
  /** `amr` (RFC 8176). */
  readonly methods: readonly string[];
}

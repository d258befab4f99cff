/** The verified principal of a request. It holds no credential. */
export interface Caller {
  /** Id of the provider in `gatehouse.yaml` whose strategy verified the credential. */
  readonly provider: string;
  readonly issuer: string;
  /** Stable user key within the issuer. */
  readonly subject: string;
  readonly kind: 'user' | 'machine';
  /** OAuth client that obtained the credential, when the provider says it. */
  readonly clientId: string | undefined;
  readonly scopes: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  /** Name of the tenant that the rules give this caller; undefined when none applies or two disagree. */
  readonly tenant: string | undefined;
  /** End of the credential's life, seconds since the epoch. */
  readonly expiresAt: number;
}

/** How an error is answered: `code` names it for programs, `status` is its HTTP status. */
export interface GatewayErrorKind {
  readonly code: string;
  readonly status: number;
}

/** The one error model. `message` is public; anything that is not stays in `cause` and reaches only the log. */
export class GatewayError extends Error {
  readonly code: string;
  readonly status: number;
  /** Response headers that belong to the refusal, such as a challenge or `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: GatewayErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = kind.code;
    this.status = kind.status;
    this.headers = options.headers ?? {};
  }
}

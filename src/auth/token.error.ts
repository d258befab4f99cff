/** The credential is refused. `message` is public and says which check failed; `reason` is what is counted. */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(
    readonly reason: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

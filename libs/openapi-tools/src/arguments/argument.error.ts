/** A call's arguments cannot become a request. `message` is public and written for the model that made the call. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
  readonly argument?: string;
  constructor(message: string, argument?: string) {
    super(message);
    if (argument !== undefined) this.argument = argument;
  }
}

/** There is nothing that a call could use: only its user can change that. */
export class LostConnectionError extends Error {
  override readonly name = 'LostConnectionError';

  constructor(
    /** Whether there was something before. */
    readonly wasConnected: boolean,
  ) {
    super(wasConnected ? 'the connection is lost' : 'there is no connection');
  }
}

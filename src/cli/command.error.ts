/** The command understood what was asked and cannot do it; the message says why, for whoever asked. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

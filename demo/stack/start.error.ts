import { codeOf } from '../loopback/error-code.js';

/** The demo cannot start or go on; the message is one line for people. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    message: string,
    readonly logTail = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
};

/** Names what the system refused, for the few causes that a person can do something about. */
export function describeSystemError(doing: string, error: unknown): StartError {
  const reason = reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
  return new StartError(`${doing}: ${reason}`, '', { cause: error });
}

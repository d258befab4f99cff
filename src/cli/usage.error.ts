import { errorCode } from '@gatehouse-mcp/oauth';

/** The command line was not written as the command wants it: the message names the problem, the usage follows it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** parseArgs has no error class of its own, only codes. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof UsageError || errorCode(error)?.startsWith('ERR_PARSE_ARGS') === true;
}

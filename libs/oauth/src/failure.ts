/** The `code` of a system or library error, such as `ECONNREFUSED`; undefined for what has none. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The innermost reason of a failed fetch, which undici wraps as "fetch failed". */
export function describeFailure(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('cause' in error && error.cause !== undefined) return describeFailure(error.cause);
  return errorCode(error) ?? ('message' in error ? String(error.message) : 'unknown reason');
}

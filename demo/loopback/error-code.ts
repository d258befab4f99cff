/** The system's code of an error, such as EADDRINUSE; '' when it has none. Errors may come from another realm. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

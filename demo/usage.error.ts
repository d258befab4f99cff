/** Wrong options: one line for people on stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A reason why there is no figure, in one line for people. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}

/** A promise of the demo that did not hold; its message is the reason that `--once` ends with. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

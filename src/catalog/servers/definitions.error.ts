/** What a server lists cannot be used; the message says why, and what the list has of it. */
export class DefinitionsError extends Error {
  override readonly name = 'DefinitionsError';
}

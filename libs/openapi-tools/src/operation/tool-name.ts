import { shortHash } from '../short-hash.js';

interface Nameable {
  readonly method: string;
  readonly path: string;
  readonly operationId?: string;
  /** A name that was chosen for it (`x-mcp`, an override) stands before the operationId. */
  readonly override?: { readonly name?: string };
}

/**
 * Tool names `[A-Za-z0-9_-]{1,maxLength}` for the operations of one document: the chosen name, else the operationId, else method and path,
 * sanitised. What is cut or clashes (without regard to case) ends in a hash of method, path and operationId, all parties
 * of a clash alike, so a name does not depend on the order of the operations.
 */
export function nameOperations<T extends Nameable>(operations: readonly T[], maxLength: number): ReadonlyMap<T, string> {
  const plain = new Map(operations.map((operation) => [operation, plainName(operation)]));
  const taken = countByFold(plain.values());
  const names = new Map<T, string>();
  let areAllPlain = true;
  for (const [operation, name] of plain) {
    const isPlain = name.length <= maxLength && taken.get(name.toLowerCase()) === 1;
    areAllPlain &&= isPlain;
    names.set(operation, isPlain ? name : hashedName(operation, name, maxLength, 6));
  }
  if (areAllPlain) return names;
  // A hash may meet another operation's plain name, or another hash: lengthen it for those.
  for (let length = 8; length <= 32; length += 4) {
    const counts = countByFold(names.values());
    const clashing = [...names].filter(([operation, name]) => (counts.get(name.toLowerCase()) ?? 0) > 1 && name !== plain.get(operation));
    if (clashing.length === 0) break;
    for (const [operation] of clashing) names.set(operation, hashedName(operation, plain.get(operation) ?? '', maxLength, length));
  }
  return names;
}

function plainName({ method, path, operationId, override }: Nameable): string {
  for (const text of [override?.name, operationId]) {
    const name = text === undefined ? '' : sanitise(text);
    if (name !== '') return name;
  }
  return sanitise(`${method.toLowerCase()}_${path.replace(/^\/+/, '')}`);
}

function sanitise(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_-]+/g, '_');
  return name === text ? name : name.replace(/^_+|_+$/g, '');
}

function hashedName({ method, path, operationId }: Nameable, name: string, maxLength: number, length: number): string {
  const hash = shortHash([method, path, operationId ?? ''], Math.min(length, maxLength));
  const start = name.slice(0, Math.max(0, maxLength - hash.length - 1)).replace(/[_-]+$/, '');
  return start === '' ? hash : `${start}_${hash}`;
}

function countByFold(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const folded = name.toLowerCase();
    counts.set(folded, (counts.get(folded) ?? 0) + 1);
  }
  return counts;
}

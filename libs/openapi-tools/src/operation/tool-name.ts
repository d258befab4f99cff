import { shortHash } from '../short-hash.js';

interface Nameable {
  readonly method: string;
  readonly path: string;
  readonly operationId?: string;
  /** A name that was chosen for it (`x-mcp`, an override) stands before the operationId. */
  readonly override?: { readonly name?: string };
}

/**
 * Tool names `[A-Za-z0-9_-]{1,maxLength}` for the operations of one document, in their order: the chosen name, else the operationId, else
 * method and path, sanitised. What is cut or clashes (without regard to case) ends in a hash of method, path and operationId, all parties
 * of a clash alike, so a name does not depend on the order of the operations.
 */
export function nameOperations(operations: readonly Nameable[], maxLength: number): readonly string[] {
  const plain = operations.map(plainName);
  // In most documents all fit and differ.
  if (plain.every((name) => name.length <= maxLength) && new Set(plain.map((name) => name.toLowerCase())).size === plain.length) return plain;
  const taken = countByFold(plain);
  const isPlain = (name: string): boolean => name.length <= maxLength && taken.get(name.toLowerCase()) === 1;
  const hashUnless = (isKept: (name: string, index: number) => boolean, given: readonly string[], length: number): readonly string[] =>
    operations.map((operation, index) => {
      const name = given[index] ?? '';
      return isKept(name, index) ? name : hashedName(operation, plain[index] ?? '', maxLength, length);
    });
  let names = hashUnless(isPlain, plain, 6);
  // A hash may meet another operation's plain name, or another hash: lengthen it for those.
  for (let length = 8; length <= 32; length += 4) {
    const counts = countByFold(names);
    const isAlone = (name: string, index: number): boolean => name === plain[index] || counts.get(name.toLowerCase()) === 1;
    if (names.every(isAlone)) break;
    names = hashUnless(isAlone, names, length);
  }
  return names;
}

function plainName({ method, path, operationId, override }: Nameable): string {
  return sanitise(override?.name ?? '') || sanitise(operationId ?? '') || sanitise(`${method.toLowerCase()}_${path.replace(/^\/+/, '')}`);
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

import { chain, startOfChain, type ChainRecord } from './chain.js';

/** A stored record with its place in the chain. */
export interface ChainRow {
  readonly sequence: number;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
  readonly record: ChainRecord;
}

/** Where a chain stood at some time, kept outside the database. */
export interface Checkpoint {
  /** UUID of the writer whose chain this is. */
  readonly writer: string;
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/** What is known about the chain beside its rows. */
export interface ChainIdentity {
  readonly tenant: string;
  readonly writer: string;
  /** The last record that was removed on purpose (retention): the rows go on after it. Absent: they start at 1. */
  readonly after?: { readonly sequence: number; readonly hash: Uint8Array };
  /** Finds a cut of the chain's end, which the rows alone cannot show. */
  readonly checkpoint?: Checkpoint;
}

export type ChainProblem = 'edited' | 'missing' | 'reordered' | 'cut';

export type Verification =
  | { readonly ok: true; readonly sequence: number; readonly hash: Uint8Array }
  | { readonly ok: false; readonly sequence: number; readonly problem: ChainProblem };

/**
 * Verifies the rows of one chain in the order in which they were read.
 *
 * @param rows all rows of one (tenant, writer), expected in ascending sequence.
 * @param identity whose chain it is, and a checkpoint when there is one (of another writer: RangeError).
 * @returns ok with the last place, which is the next checkpoint; or the first bad sequence and why: `edited` (a record
 *   or hash was changed), `missing` (rows were deleted), `reordered` (a row stands in another's place, or twice), `cut`
 *   (the end that the checkpoint has seen is gone).
 */
export function verifyChain(rows: readonly ChainRow[], identity: ChainIdentity): Verification {
  const { checkpoint } = identity;
  if (checkpoint && checkpoint.writer !== identity.writer) throw new RangeError('the checkpoint is of another writer');
  let sequence = identity.after?.sequence ?? 0;
  let previous: Uint8Array = identity.after?.hash ?? startOfChain(identity.tenant, identity.writer);
  const known = new Set(rows.map((row) => hex(row.hash)));
  const sequences = new Set(rows.map((row) => row.sequence));
  for (const row of rows) {
    sequence += 1;
    const problem = judge(row, sequence, previous, known, sequences);
    if (problem) return { ok: false, sequence, problem };
    if (checkpoint?.sequence === sequence && !same(checkpoint.hash, row.hash)) return { ok: false, sequence, problem: 'edited' };
    previous = row.hash;
  }
  if (checkpoint && checkpoint.sequence > sequence) return { ok: false, sequence: sequence + 1, problem: 'cut' };
  return { ok: true, sequence, hash: previous };
}

function judge(
  row: ChainRow,
  expected: number,
  previous: Uint8Array,
  known: ReadonlySet<string>,
  sequences: ReadonlySet<number>,
): ChainProblem | undefined {
  if (row.sequence !== expected) return sequences.has(expected) || row.sequence < expected ? 'reordered' : 'missing';
  // A link to another row of the chain shows a row that was moved; a link to nothing shows one that was changed.
  if (!same(row.previousHash, previous)) return known.has(hex(row.previousHash)) ? 'reordered' : 'edited';
  return same(chain(previous, row.record, expected), row.hash) ? undefined : 'edited';
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

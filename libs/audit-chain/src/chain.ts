import { hash } from 'node:crypto';
import { canonicalize } from './canonicalize.js';

/** A flat audit record: names to texts, finite numbers, booleans, null, or lists of texts. */
export type ChainRecord = { readonly [name: string]: string | number | boolean | null | readonly string[] };

/**
 * The value that stands for "the hash before the first record" of a chain. It names the chain, so that records of one
 * tenant or writer verify in no other chain.
 *
 * @param tenant UUID of the tenant. @param writer UUID of the process that writes the chain (its boot id).
 * @returns 32 bytes.
 */
export function startOfChain(tenant: string, writer: string): Buffer {
  return hash('sha256', canonicalize(['gatehouse-audit-chain/1', tenant, writer]), 'buffer');
}

/**
 * Hash of one record in its place: SHA-256 over the previous hash (32 bytes), the sequence (unsigned 64 bit, big endian)
 * and the record's canonical JSON (UTF-8; RFC 8785).
 *
 * @param previousHash hash of the record before, or {@link startOfChain}.
 * @param record the record without its place.
 * @param sequence place in the chain, from 1, without gaps.
 * @returns 32 bytes.
 * @throws TypeError when the record has no canonical JSON; RangeError for a sequence that is not a positive integer.
 */
export function chain(previousHash: Uint8Array, record: ChainRecord, sequence: number): Buffer {
  if (previousHash.length !== 32) throw new RangeError('a previous hash has 32 bytes');
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new RangeError('a sequence is a positive integer');
  const text = canonicalize(record);
  const whole = Buffer.allocUnsafe(40 + Buffer.byteLength(text));
  whole.set(previousHash);
  whole.writeBigUInt64BE(BigInt(sequence), 32);
  whole.write(text, 40);
  return hash('sha256', whole, 'buffer');
}

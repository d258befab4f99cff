import { describe, expect, it } from '@jest/globals';
import { chain, startOfChain, type ChainRecord } from './chain.js';
import { verifyChain, type ChainRow } from './verify.js';

const tenant = '7f3f9a1e-0000-4000-8000-000000000001';
const writer = '7f3f9a1e-0000-4000-8000-00000000000a';
const identity = { tenant, writer };

function makeChain(length: number, change: (record: ChainRecord, sequence: number) => ChainRecord = (record) => record): ChainRow[] {
  let previousHash = startOfChain(tenant, writer);
  return Array.from({ length }, (_, index) => {
    const sequence = index + 1;
    const record = change({ tool: `tool-${sequence}`, status: 200, scopes: ['a', 'b'], actor: null }, sequence);
    const row = { sequence, previousHash, hash: chain(previousHash, record, sequence), record };
    previousHash = row.hash;
    return row;
  });
}

function edit(rows: readonly ChainRow[], sequence: number, change: Partial<ChainRow>): ChainRow[] {
  return rows.map((row) => (row.sequence === sequence ? { ...row, ...change } : row));
}

const rows = makeChain(6);
const [first, second, third, fourth, fifth, sixth] = rows as [ChainRow, ChainRow, ChainRow, ChainRow, ChainRow, ChainRow];
const checkpoint = { writer, sequence: sixth.sequence, hash: sixth.hash };

describe('verifyChain', () => {
  it('accepts a whole chain and gives the next checkpoint', () => {
    expect(verifyChain(rows, { ...identity, checkpoint })).toEqual({ ok: true, sequence: 6, hash: sixth.hash });
    expect(verifyChain([], identity)).toEqual({ ok: true, sequence: 0, hash: startOfChain(tenant, writer) });
  });

  it('names the first edited record', () => {
    expect(verifyChain(edit(rows, 3, { record: { ...third.record, tool: 'other' } }), identity)).toEqual({ ok: false, sequence: 3, problem: 'edited' });
  });

  it('finds a record that was edited together with its hash', () => {
    const record = { ...third.record, status: 500 };
    const forged = edit(rows, 3, { record, hash: chain(third.previousHash, record, 3) });
    expect(verifyChain(forged, identity)).toEqual({ ok: false, sequence: 4, problem: 'edited' });
  });

  it('finds a deleted record, in the middle and at the start', () => {
    expect(verifyChain([first, second, fourth, fifth], identity)).toEqual({ ok: false, sequence: 3, problem: 'missing' });
    expect(verifyChain(rows.slice(1), identity)).toEqual({ ok: false, sequence: 1, problem: 'missing' });
  });

  it('finds a deletion that renumbers what follows', () => {
    const renumbered = [first, second, { ...fourth, sequence: 3 }, { ...fifth, sequence: 4 }];
    expect(verifyChain(renumbered, identity)).toMatchObject({ ok: false, sequence: 3 });
  });

  it('finds records in another order, with and without their numbers', () => {
    expect(verifyChain([first, third, second, fourth], identity)).toEqual({ ok: false, sequence: 2, problem: 'reordered' });
    const swapped = [first, { ...third, sequence: 2 }, { ...second, sequence: 3 }, fourth];
    expect(verifyChain(swapped, identity)).toEqual({ ok: false, sequence: 2, problem: 'reordered' });
    expect(verifyChain([first, second, second, third], identity)).toEqual({ ok: false, sequence: 3, problem: 'reordered' });
  });

  it('finds the cut of the last records by the checkpoint only', () => {
    expect(verifyChain(rows.slice(0, 4), identity)).toMatchObject({ ok: true });
    expect(verifyChain(rows.slice(0, 4), { ...identity, checkpoint })).toEqual({ ok: false, sequence: 5, problem: 'cut' });
    expect(verifyChain([], { ...identity, checkpoint })).toEqual({ ok: false, sequence: 1, problem: 'cut' });
  });

  it('finds a chain that was rewritten as a whole by the checkpoint', () => {
    const rewritten = makeChain(8, (record, sequence) => (sequence === 2 ? { ...record, tool: 'harmless' } : record));
    expect(verifyChain(rewritten, identity)).toMatchObject({ ok: true });
    expect(verifyChain(rewritten, { ...identity, checkpoint })).toEqual({ ok: false, sequence: 6, problem: 'edited' });
  });

  it('refuses the chain of another tenant or writer', () => {
    expect(verifyChain(rows, { tenant, writer: tenant })).toMatchObject({ ok: false, sequence: 1 });
    expect(verifyChain(rows, { tenant: writer, writer })).toMatchObject({ ok: false, sequence: 1 });
    expect(() => verifyChain(rows, { tenant, writer, checkpoint: { ...checkpoint, writer: tenant } })).toThrow(RangeError);
  });

  it('goes on after records that were removed on purpose', () => {
    expect(verifyChain(rows.slice(3), { ...identity, after: { sequence: 3, hash: third.hash } })).toMatchObject({ ok: true, sequence: 6 });
    expect(verifyChain(rows.slice(3), { ...identity, after: { sequence: 3, hash: second.hash } })).toMatchObject({ ok: false, sequence: 4 });
  });
});

describe('chain', () => {
  it('gives the same hash for every order of the members', () => {
    const start = startOfChain(tenant, writer);
    expect(chain(start, { a: 1, b: 'x' }, 1)).toEqual(chain(start, { b: 'x', a: 1 }, 1));
  });

  it('is the SHA-256 that others can compute', () => {
    expect(chain(new Uint8Array(32), { a: 1 }, 1).toString('hex')).toBe(
      // printf '%064d%016d' 0 1 | xxd -r -p; printf '{"a":1}' → sha256sum
      'efdc0e2f8a22c30683385791552f8455b898f59e1aa4d1a6c77f0457bd1d5947',
    );
  });

  it('refuses a place that cannot be', () => {
    for (const sequence of [0, -1, 1.5, Number.NaN, 2 ** 53]) expect(() => chain(new Uint8Array(32), {}, sequence)).toThrow(RangeError);
    expect(() => chain(new Uint8Array(31), {}, 1)).toThrow(RangeError);
  });
});

import { z } from 'zod';

/** Most numbers of a vector: as many as pgvector holds. */
const MOST_DIMENSIONS = 16_000;

/** OpenAI's `POST /embeddings`, as far as it is read. */
const answer = z.object({ data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1).max(MOST_DIMENSIONS) })) });

/** What is wrong with an answer, in words that go behind the endpoint's name. */
export class UnusableAnswer extends Error {}

/**
 * The vectors of an answer, in the order of what was asked, each of length 1: their inner product is their cosine.
 * @param dimensions that they must have, where that is known
 * @throws UnusableAnswer that says why, and nothing of the answer's own words
 */
export function readVectors(body: Uint8Array, count: number, dimensions: number | undefined): readonly (readonly number[])[] {
  const { success, data } = answer.safeParse(parse(body));
  if (!success) throw new UnusableAnswer('brought no list of vectors');
  const byIndex = new Map(data.data.map(({ index, embedding }) => [index, embedding]));
  if (data.data.length !== count || byIndex.size !== count) throw new UnusableAnswer(`brought ${byIndex.size} vectors for ${count} texts`);
  const vectors = Array.from({ length: count }, (_, index) => byIndex.get(index));
  const [first] = vectors;
  const wanted = dimensions ?? first?.length;
  return vectors.map((vector) => {
    if (vector === undefined) throw new UnusableAnswer('numbered its vectors as nothing that was asked');
    if (vector.length !== wanted) throw new UnusableAnswer(`brought a vector of ${vector.length} dimensions in place of ${wanted}`);
    return toUnit(vector);
  });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new UnusableAnswer('brought no JSON');
  }
}

function toUnit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length) || length === 0) throw new UnusableAnswer('brought a vector that has no direction');
  return vector.map((value) => value / length);
}

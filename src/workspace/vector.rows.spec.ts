import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startTestDatabase } from '../../test/tools/postgres.js';
import type { Query } from '../catalog/native/native.definitions.js';
import { findNearest, findUnread, keepVectors } from './vector.rows.js';

/** As pgvector looks from outside, in a schema that no search path has: its type, and its operator for one minus the cosine of unit vectors. */
const STAND_IN = `
  CREATE SCHEMA "other place";
  CREATE DOMAIN "other place".vector AS real[];
  CREATE FUNCTION "other place".distance(real[], real[]) RETURNS float8 LANGUAGE sql AS 'SELECT 1 - sum(a::float8 * b) FROM unnest($1, $2) AS pair (a, b)';
  CREATE OPERATOR "other place".<=> (LEFTARG = real[], RIGHTARG = real[], FUNCTION = "other place".distance);
`;

let database: Awaited<ReturnType<typeof startTestDatabase>>;
let client: Client;
const query: Query = async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows;

beforeAll(async () => {
  database = await startTestDatabase();
  client = new Client({ connectionString: database.urls.adminUrl?.reveal() });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.stop();
});

const unit = (vector: readonly number[]) => vector.map((value) => value / Math.hypot(...vector));

describe.each([
  ['arrays', 'real[]', ''],
  ["an extension's type", '"other place".vector', STAND_IN],
])('documents whose vectors are %s', (_, type, before) => {
  it('come in the order of their cosines, exactly, and only those of the model and the text in force', async () => {
    await client.query(`${before}
      DROP TABLE IF EXISTS workspace_embeddings, workspace_documents;
      CREATE TABLE workspace_documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text, text text, version integer DEFAULT 1, updated_at timestamptz DEFAULT now());
      CREATE TABLE workspace_embeddings (document uuid PRIMARY KEY, version integer, model text, dimensions integer, vector ${type});
      INSERT INTO workspace_documents (title, text) SELECT 'Document ' || n, '' FROM generate_series(1, 60) n`);
    const kind = { model: 'one', dimensions: 7 };
    const documents = await findUnread(query, 'one', { characters: 100, limit: 60 });
    expect(documents).toHaveLength(60);
    const vectors = documents.map((_document, index) => unit(Array.from({ length: 7 }, (__, at) => Math.sin((index + 1) * (at + 2) * 12.9898))));
    await keepVectors(query, kind, documents, vectors);
    const wanted = unit([3, -1, 4, 1, -5, 9, 2]);
    const cosine = (vector: readonly number[]) => vector.reduce((sum, value, at) => sum + value * (wanted[at] ?? 0), 0);
    const expected = documents.map(({ id }, index) => ({ id, similarity: cosine(vectors[index] ?? []) })).toSorted((a, b) => b.similarity - a.similarity);

    const nearest = await findNearest(query, kind, wanted, 60);
    expect(nearest.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    nearest.forEach(({ similarity }, index) => expect(similarity).toBeCloseTo(expected[index]?.similarity ?? NaN, 3));

    await client.query('UPDATE workspace_documents SET version = 2 WHERE id = $1', [expected[0]?.id]);
    expect((await findNearest(query, kind, wanted, 1))[0]?.['id']).toBe(expected[1]?.id);
    expect(await findUnread(query, 'one', { characters: 100, limit: 60 })).toMatchObject([{ id: expected[0]?.id, version: 2 }]);
    expect(await findNearest(query, { ...kind, model: 'two' }, wanted, 60)).toEqual([]);
  });
});

import type { Query } from '../catalog/native/native.definitions.js';
import { readVectorColumn } from './vector.column.js';
import type { Row } from './workspace.rows.js';

/** A document whose vector is not there, or is of an earlier text or another model. */
export interface Unread {
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

export interface Vectors {
  readonly model: string;
  readonly dimensions: number;
}

const UNREAD = 'workspace_documents d LEFT JOIN workspace_embeddings e ON e.document = d.id AND e.version = d.version AND e.model = $1 WHERE e.document IS NULL';

/**
 * The caller's documents that have no vector of this model, the last changed first.
 * @param characters of each, from its beginning
 */
export async function findUnread(query: Query, model: string, { characters, limit }: { readonly characters: number; readonly limit: number }): Promise<readonly Unread[]> {
  const rows = await query(`SELECT d.id, d.version, left(d.title || E'\\n\\n' || d.text, $3) AS text FROM ${UNREAD} ORDER BY d.updated_at DESC, d.id LIMIT $2`, [model, limit, characters]);
  return rows.map(({ id, version, text }) => ({ id: String(id), version: Number(version), text: String(text) }));
}

export async function countUnread(query: Query, model: string): Promise<number> {
  const [row] = await query(`SELECT count(*) AS count FROM ${UNREAD}`, [model]);
  return Number(row?.['count']);
}

/** Keeps vectors of documents that are still as they were read; those of this model that have other dimensions go, to be made again. */
export async function keepVectors(query: Query, { model, dimensions }: Vectors, documents: readonly Unread[], vectors: readonly (readonly number[])[]): Promise<void> {
  const column = await readVectorColumn(query);
  await query('DELETE FROM workspace_embeddings WHERE model = $1 AND dimensions <> $2', [model, dimensions]);
  for (const [index, { id, version }] of documents.entries()) {
    await query(
      `INSERT INTO workspace_embeddings (document, version, model, dimensions, vector)
       SELECT id, version, $3, $4, ${column.write('$5')} FROM workspace_documents WHERE id = $1 AND version = $2 FOR KEY SHARE
       ON CONFLICT (document) DO UPDATE SET version = excluded.version, model = excluded.model, dimensions = excluded.dimensions, vector = excluded.vector`,
      [id, version, model, dimensions, vectors[index]],
    );
  }
}

/** The caller's documents, the nearest first. */
export async function findNearest(query: Query, { model, dimensions }: Vectors, vector: readonly number[], limit: number): Promise<readonly Row[]> {
  const column = await readVectorColumn(query);
  return query(
    `SELECT d.id, d.title, left(d.text, 200) AS beginning, round(${column.similarity('e.vector', '$3')}::numeric, 4)::float8 AS similarity
     FROM workspace_embeddings e JOIN workspace_documents d ON d.id = e.document AND d.version = e.version
     WHERE e.model = $1 AND e.dimensions = $2 ORDER BY ${column.similarity('e.vector', '$3')} DESC, d.id LIMIT $4`,
    [model, dimensions, vector, limit],
  );
}

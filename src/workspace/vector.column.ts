import type { Query } from '../catalog/native/native.definitions.js';
import { quoteIdentifier } from '../database/identifiers.js';

/** How SQL writes and compares vectors: as pgvector's type, or as arrays. */
export interface VectorColumn {
  /** A parameter that is a list of numbers, as the column has it. */
  readonly write: (parameter: string) => string;
  /** Cosine of the angle between the column and such a parameter, both of length 1: from -1 to 1. */
  readonly similarity: (column: string, parameter: string) => string;
}

const array: VectorColumn = {
  write: (parameter) => `${parameter}::real[]`,
  similarity: (column, parameter) => `(SELECT sum(one::float8 * other::float8) FROM unnest(${column}, ${parameter}::real[]) AS pair (one, other))`,
};

/** @param schema that the extension is in, which the search path has not */
const pgvector = (schema: string): VectorColumn => {
  const place = quoteIdentifier(schema);
  const write = (parameter: string) => `${parameter}::real[]::${place}.vector`;
  return { write, similarity: (column, parameter) => `(1 - (${column} OPERATOR(${place}.<=>) ${write(parameter)}))` };
};

/** As the tenant's table was made. */
export async function readVectorColumn(query: Query): Promise<VectorColumn> {
  const [type] = await query(
    `SELECT n.nspname AS schema, t.typname AS name FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE a.attrelid = 'workspace_embeddings'::regclass AND a.attname = 'vector'`,
  );
  return type?.['name'] === 'vector' ? pgvector(String(type['schema'])) : array;
}

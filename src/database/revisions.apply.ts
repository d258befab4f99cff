import { createHash } from 'node:crypto';
import { canonicalize } from '@gatehouse-mcp/audit-chain';
import type { DataSource } from 'typeorm';
import { inLockedTransaction, withAdminClient } from './admin-client.js';
import { bump } from './change-feed.js';
import type { DatabaseUrls } from './database-urls.js';
import { onDatabase } from './database.error.js';

/** Topic of the change feed that moves with each stored revision. */
export const configurationTopic = 'configuration';

/** The live configuration as `apply` stored it. */
export interface Revision {
  readonly id: string;
  readonly content: unknown;
  readonly hash: string;
  readonly createdAt: Date;
}

/** Stores the live configuration as the newest revision, unless the newest one is the same. */
export async function storeRevision(urls: DatabaseUrls, content: object): Promise<{ readonly id: string; readonly changed: boolean }> {
  const json = canonicalize(content);
  const hash = createHash('sha256').update(json).digest('hex');
  return withAdminClient(urls, (client) =>
    inLockedTransaction(client, 'revisions', async () => {
      const newest = await client.query<{ id: string; content: object }>('SELECT id, content FROM gatehouse.revisions ORDER BY id DESC LIMIT 1');
      const [last] = newest.rows;
      // Not by hash: a revision that the database made of the one before it has a hash of its own.
      if (last && canonicalize(last.content) === json) return { id: last.id, changed: false };
      const stored = await client.query<{ id: string }>('INSERT INTO gatehouse.revisions (content, hash) VALUES ($1, $2) RETURNING id', [json, hash]);
      await bump(client, configurationTopic);
      return { id: stored.rows[0]?.id ?? '', changed: true };
    }),
  );
}

/** The revision that is in force, or undefined before the first apply. */
export async function loadNewestRevision(source: DataSource): Promise<Revision | undefined> {
  const rows = await onDatabase(() =>
    source.query<Revision[]>('SELECT id, content, hash, created_at AS "createdAt" FROM gatehouse.revisions ORDER BY id DESC LIMIT 1'),
  );
  return rows[0];
}

/**
 * Puts another stored document of an API or server in force as a new revision (migration `ServerAdoption`).
 * @param key in the revision's `documents`
 * @param expected the hash that must still be in force; null for a server's first
 * @returns the new revision, or undefined when another document is in force by now
 */
export async function adoptDocument(source: DataSource, key: string, expected: string | null, adopted: string): Promise<string | undefined> {
  const rows = await onDatabase(() => source.query<{ id: string | null }[]>('SELECT gatehouse.adopt_document($1, $2, $3) AS id', [key, expected, adopted]));
  return rows[0]?.id ?? undefined;
}

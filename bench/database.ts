import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { checkoutFolder } from './paths.js';

interface Revealable {
  reveal(): string;
}

/** What this uses of the built `src/database/embedded-postgres.ts`. */
interface EmbeddedPostgresModule {
  startEmbeddedPostgres(options: { readonly checkout: string; readonly log: (line: string) => void }): Promise<{
    readonly urls: { readonly url: Revealable; readonly adminUrl: Revealable | undefined };
    readonly home: string;
    remove(): Promise<void>;
  }>;
}

export interface BenchDatabase {
  readonly url: string;
  readonly adminUrl: string;
  /** PostgreSQL's first process. */
  readonly pid: number;
  countRecordedCalls(): Promise<number>;
  stop(): Promise<void>;
}

/** The embedded PostgreSQL as it comes, durability included; a child of this process, so on the load's core. */
export async function startDatabase(folder: string): Promise<BenchDatabase> {
  const file = pathToFileURL(join(checkoutFolder, 'dist', 'database', 'embedded-postgres.js')).href;
  // A compiled file of another project: its types are not in this one.
  const { startEmbeddedPostgres } = (await import(file)) as EmbeddedPostgresModule;
  const { urls, home, remove } = await startEmbeddedPostgres({ checkout: folder, log: () => undefined });
  const adminUrl = urls.adminUrl?.reveal() ?? '';
  const [pid] = (await readFile(join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return { url: urls.url.reveal(), adminUrl, pid: Number(pid), countRecordedCalls: () => countRecordedCalls(adminUrl), stop: remove };
}

async function countRecordedCalls(adminUrl: string): Promise<number> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const tenants = await client.query<{ schema: string }>(`SELECT nspname AS schema FROM pg_namespace WHERE nspname LIKE 't\\_%'`);
    let calls = 0;
    for (const { schema } of tenants.rows) {
      const counted = await client.query<{ calls: string }>(
        // One pass: a join of the table with itself is planned without statistics, and may take minutes.
        `SELECT count(*) AS calls FROM (
           SELECT FROM "${schema}".audit GROUP BY call_id
           HAVING bool_or(kind = 'intent') AND bool_or(kind = 'outcome' AND result = 'success')
         ) AS call`,
      );
      calls += Number(counted.rows[0]?.calls ?? 0);
    }
    return calls;
  } finally {
    await client.end();
  }
}

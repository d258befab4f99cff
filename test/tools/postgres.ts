import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseUrls } from '../../src/database/database-urls.js';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { copyCluster } from './cluster-template.js';

/** A cluster that may lose its data in a crash, which a test never has. */
const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '16MB', autovacuum: 'off' };

/** A real PostgreSQL of its own in a temporary folder; `stop` removes it. The control schema is not migrated yet. */
export async function startTestDatabase(): Promise<{ readonly urls: DatabaseUrls; stop(): Promise<void> }> {
  const checkout = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
  await copyCluster(checkout);
  const postgres = await startEmbeddedPostgres({ checkout, log: () => undefined, settings: fast });
  return {
    urls: postgres.urls,
    stop: async () => {
      await postgres.remove();
      await rm(checkout, { recursive: true, force: true });
    },
  };
}

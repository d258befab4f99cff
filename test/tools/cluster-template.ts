import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { openCluster, writeCluster } from '../../src/database/embedded/cluster.js';
import { prepareBinaries } from '../../src/database/embedded/binaries.js';
import { homeOf, makeHome } from '../../src/database/embedded/home.js';
import { postgresUser } from '../../src/database/embedded/postgres-user.js';

const run = promisify(execFile);
const modules = join(import.meta.dirname, '../../node_modules');
const source = join(import.meta.dirname, '../../src/database/embedded');

/**
 * Gives a checkout without a database a copy of one that was made and never used, because `initdb` takes far longer than the copy. The one
 * to copy is kept beside the packages, for as long as neither PostgreSQL nor our own code that makes it changes.
 */
export async function copyCluster(checkout: string): Promise<void> {
  // There is no `cp` on Windows, where each test makes its own.
  if (process.platform === 'win32') return;
  const template = join(modules, '.cache/gatehouse-clusters', await nameTemplate());
  if (!existsSync(template)) await makeTemplate(template);
  const user = postgresUser();
  const home = homeOf(await realpath(checkout), user);
  await makeHome(home, user);
  await run('cp', ['-pR', join(template, 'data'), join(template, 'cluster.json'), home]);
}

async function nameTemplate(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(postgresUser() ?? 'ourselves'));
  const files = (await readdir(source)).toSorted().map((name) => join(source, name));
  for (const file of [join(modules, '.package-lock.json'), ...files]) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** Whole or not at all, since others may make it at the same time. */
async function makeTemplate(template: string): Promise<void> {
  const checkout = await mkdtemp(join(tmpdir(), 'gatehouse-template-'));
  const unfinished = `${template}.${randomBytes(4).toString('hex')}`;
  await mkdir(unfinished, { recursive: true });
  const postgres = await startEmbeddedPostgres({ checkout, log: () => undefined });
  try {
    await postgres.stop();
    const user = postgresUser();
    const cluster = await openCluster(postgres.home, await prepareBinaries(postgres.home, user), user);
    await run('cp', ['-pR', join(postgres.home, 'data'), unfinished]);
    // Every copy looks for a port of its own.
    await writeCluster(unfinished, { ...cluster, port: undefined });
    await rename(unfinished, template).catch((error: unknown) => {
      if (!existsSync(template)) throw error;
    });
  } finally {
    await postgres.remove();
    await Promise.all([unfinished, checkout].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

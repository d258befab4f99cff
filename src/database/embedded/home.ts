import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, refuse } from './embedded.error.js';
import type { PostgresUser } from './postgres-user.js';

/**
 * The folder that holds data, port, passwords and lock of one checkout's database. Under root it lies outside the
 * checkout, which PostgreSQL's user may be unable to enter.
 */
export function homeOf(checkout: string, user: PostgresUser | undefined): string {
  if (!user) return join(checkout, '.gatehouse', 'postgres');
  return `/var/tmp/gatehouse-${createHash('sha256').update(checkout).digest('hex').slice(0, 16)}`;
}

/** Makes the folder, or refuses one that is a link or somebody else's: in /var/tmp anybody can be there first. */
export async function makeHome(home: string, user: PostgresUser | undefined): Promise<void> {
  if (!user) await makeOwnFolder(dirname(home), 0o755);
  const isNew = await makeOwnFolder(home, user ? 0o755 : 0o700);
  if (process.platform !== 'win32' && ((await lstat(home)).mode & 0o022) !== 0) throw refuse(`${home} can be written by other users; remove it`);
  // Only a folder made here is touched: a strict umask would lock PostgreSQL's user out of it.
  if (isNew && user) await chmod(home, 0o755);
}

/** Removes everything but the lock, which must be held while this runs. */
export async function emptyHome(home: string, lockFile: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name !== lockFile) await rm(join(home, name), { recursive: true, force: true });
  }
}

/** Removes what is left, and `.gatehouse` when nothing else is in it. */
export async function removeHome(home: string, user: PostgresUser | undefined): Promise<void> {
  await rm(home, { recursive: true, force: true });
  if (!user) await rmdir(dirname(home)).catch(() => undefined);
}

/** Returns whether the folder is new. Looks before and after: only what is ours at the end counts. */
async function makeOwnFolder(folder: string, mode: number): Promise<boolean> {
  const isThere = await isOwnFolder(folder);
  if (!isThere) {
    await mkdir(folder, { mode }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
    if (!(await isOwnFolder(folder))) throw refuse(`${folder} could not be made`);
  }
  return !isThere;
}

async function isOwnFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return false;
  if (found.isSymbolicLink()) throw refuse(`${folder} is a link; remove it`);
  if (!found.isDirectory()) throw refuse(`${folder} is not a folder; remove it`);
  const ownId = process.getuid?.();
  if (ownId !== undefined && found.uid !== ownId) throw refuse(`${folder} belongs to another user (${found.uid}); remove it`);
  return true;
}

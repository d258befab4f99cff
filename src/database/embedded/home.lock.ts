import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from './embedded.error.js';

/** Name of the lock's file within the folder. */
export const lockName = 'lock';

const sqliteBusy = 5;

/**
 * Locks the folder for this process and returns the release. The lock is an exclusive transaction of SQLite, which is a
 * lock of the operating system: it ends with the process, however that dies, and two processes never both hold it.
 */
export function lockHome(home: string): () => void {
  const file = join(home, lockName);
  const ownerFile = join(home, 'owner.pid');
  // Created here for its mode: whoever can open the file could hold it.
  closeSync(openSync(file, 'a', 0o600));
  // Loaded on use, because Node 24 announces it as experimental to everybody who loads it.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const lock = new DatabaseSync(file);
  try {
    // No journal file: taking the lock needs no space on the disk.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw refuse(`the embedded database of this folder is in use by another process${ownerOf(ownerFile)}; stop that one first`, error);
  }
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: 0o600 });
  return () => {
    if (lock.isOpen) lock.close();
  };
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteBusy;
}

function ownerOf(file: string): string {
  try {
    return ` (${Number.parseInt(readFileSync(file, 'utf8'), 10)})`;
  } catch {
    return '';
  }
}

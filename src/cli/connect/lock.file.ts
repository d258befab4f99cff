import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '@gatehouse-mcp/oauth';

const POLL_MS = 100;
const HEARTBEAT_MS = 5_000;
/** Without a heartbeat for this long, the owner is gone: killed, or with a machine that went down. */
const STALE_MS = 30_000;

/**
 * Does the work while no other process does its own under the same path.
 * @param onWait called once when the lock is not to be had at once
 */
export async function withLock<T>(path: string, signal: AbortSignal, onWait: () => void, work: () => Promise<T>): Promise<T> {
  for (let polls = 0; !take(path); polls += 1) {
    if (polls === 20) onWait();
    await delay(POLL_MS, undefined, { signal });
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (isOurs(path)) rmSync(path, { force: true });
  }
}

const OWNER = JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() });

function take(path: string): boolean {
  try {
    writeFileSync(path, OWNER, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  removeStale(path);
  return false;
}

/** Renamed first: of two that find it stale, the slower must not remove the lock that the faster took meanwhile. */
function removeStale(path: string): void {
  try {
    const seen = statSync(path);
    if (Date.now() - seen.mtimeMs < STALE_MS && !isOwnerDead(readFileSync(path, 'utf8'))) return;
    const aside = `${path}.${randomUUID()}`;
    renameSync(path, aside);
    if (statSync(aside).ino !== seen.ino) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    // Released or taken over meanwhile.
    if (!['ENOENT', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  }
}

function isOwnerDead(owner: string): boolean {
  const [, host, pid] = /^\{"host":"([^"]*)","pid":(\d+),/.exec(owner) ?? [];
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

function isOurs(path: string): boolean {
  try {
    return readFileSync(path, 'utf8') === OWNER;
  } catch {
    return false;
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // Taken for stale while this process was stopped; the end of the work finds it another's.
  }
}

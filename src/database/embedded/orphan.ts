import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { refuse } from './embedded.error.js';

const run = promisify(execFile);

/** What `postmaster.pid` says: line 1 the process, line 4 the port, line 8 the state. */
export interface PostmasterFile {
  readonly pid: number;
  readonly isReady: boolean;
}

export async function readPostmasterFile(data: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? { pid, isReady: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Stops a server that an earlier process of ours left on this data folder; the caller holds the folder's lock, so nobody
 * alive owns it. A pid file whose number now belongs to any other program is only removed: PostgreSQL would stop at it.
 */
export async function stopOrphan(data: string): Promise<void> {
  const file = await readPostmasterFile(data);
  if (!file) return;
  if (await isServerOf(file.pid, data)) {
    await end(file.pid, data, 'SIGINT', 10_000);
    await end(file.pid, data, 'SIGQUIT', 5_000);
    if (await isServerOf(file.pid, data)) throw refuse(`an earlier server (process ${file.pid}) does not end; stop it`);
  }
  await rm(join(data, 'postmaster.pid'), { force: true });
}

async function end(pid: number, data: string, signal: NodeJS.Signals, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  if (await isServerOf(pid, data)) kill(pid, signal);
  while (performance.now() < deadline && (await isServerOf(pid, data))) await sleep(25);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between.
  }
}

/** Whether the process is a PostgreSQL server that was started on this folder. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const words = await commandOf(pid);
  return words.some((word) => basename(word) === 'postgres') && words.join(' ').includes(`-D ${data}`);
}

async function commandOf(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean);
  const listed = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return listed.stdout.trim().split(' ').filter(Boolean);
}

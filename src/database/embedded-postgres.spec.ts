import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { explain } from './embedded/embedded.error.js';
import { homeOf } from './embedded/home.js';
import { postgresUser } from './embedded/postgres-user.js';

const isRoot = process.getuid?.() === 0;

describe('startEmbeddedPostgres', () => {
  let checkout: string;
  let home: string;
  let running: EmbeddedPostgres[];

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'));
    home = homeOf(checkout, postgresUser());
    running = [];
  });

  afterEach(async () => {
    for (const postgres of running.toReversed()) await postgres.remove();
    await rm(home, { recursive: true, force: true });
    await rm(checkout, { recursive: true, force: true });
  });

  async function start(folder = checkout): Promise<EmbeddedPostgres> {
    const postgres = await startEmbeddedPostgres({ checkout: folder, log: () => undefined, settings: { fsync: 'off' } });
    running.push(postgres);
    return postgres;
  }

  async function query(postgres: EmbeddedPostgres, sql: string, login: 'adminUrl' | 'url' = 'adminUrl'): Promise<readonly unknown[]> {
    const client = new Client({ connectionString: postgres.urls[login]?.reveal() });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const portOf = (postgres: EmbeddedPostgres): string => new URL(postgres.urls.url.reveal()).port;

  it('serves a runtime login without rights, on loopback only', async () => {
    const postgres = await start();
    const role = 'SELECT current_user AS name, rolsuper, rolinherit, rolcreaterole FROM pg_roles WHERE rolname = current_user';
    expect(await query(postgres, role, 'url')).toEqual([{ name: 'gatehouse', rolsuper: false, rolinherit: false, rolcreaterole: false }]);
    expect(await query(postgres, `SELECT current_setting('listen_addresses') AS tcp, current_setting('unix_socket_directories') AS unix`)).toEqual([
      { tcp: '127.0.0.1', unix: '' },
    ]);
    expect(Number((await query(postgres, 'SHOW server_version_num') as { server_version_num: string }[])[0]?.server_version_num)).toBeGreaterThan(180_000);
  });

  it('keeps data and address over a restart, and moves when the port is taken', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS value');
    await first.stop();
    const second = await start();
    expect(second.urls.url.reveal()).toBe(first.urls.url.reveal());
    await second.stop();

    const squatter = createServer().listen(Number(portOf(first)), '127.0.0.1');
    try {
      const third = await start();
      expect(portOf(third)).not.toBe(portOf(first));
      expect(await query(third, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  it('refuses a second start on the same checkout with one line, and serves a second checkout beside it', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(/^Embedded PostgreSQL: the embedded database of this folder is in use by another process \(\d+\); stop that one first$/);
    const other = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'));
    const second = await start(other);
    expect(second.home).not.toBe(first.home);
    expect(await query(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await rm(other, { recursive: true });
  });

  it('makes a data folder anew that was never finished', async () => {
    await mkdir(join(home, 'data', 'base'), { recursive: true, mode: 0o755 });
    await writeFile(join(home, 'data', 'PG_VERSION'), '18\n');
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts beside a stale pid file, and spares the program that has its number now', async () => {
    await (await start()).stop();
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore', ...postgresUser() });
    await writeFile(join(home, 'data', 'postmaster.pid'), `${bystander.pid}\n${join(home, 'data')}\n0\n0\n\n127.0.0.1\n\nready\n`);
    expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
    bystander.kill();
  });

  it('removes everything it made', async () => {
    const postgres = await start();
    await postgres.remove();
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(join(checkout, '.gatehouse'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not remove a folder that another start holds by now', async () => {
    const first = await start();
    await first.stop();
    const second = await start();
    await expect(first.remove()).rejects.toThrow('in use by another process');
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('keeps passwords in a file that only we can read', async () => {
    await start();
    expect((await stat(join(home, 'cluster.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(home, 'cluster.json'), 'utf8')).toMatch(/"adminPassword":"[0-9a-f]{48}"/);
    expect((await stat(join(home, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('refuses a folder that is a link, and leaves its target alone', async () => {
    const target = await mkdtemp(join(tmpdir(), 'gatehouse-target-'));
    await mkdir(join(home, '..'), { recursive: true });
    await symlink(target, home);
    await expect(start()).rejects.toThrow(`Embedded PostgreSQL: ${home} is a link; remove it`);
    expect(await stat(target).then((found) => found.mode & 0o777)).toBe(0o700);
    await rm(target, { recursive: true });
  });

  // Only root can make a folder of somebody else's.
  (isRoot ? it : it.skip)(`refuses a folder in /var/tmp that somebody else made${isRoot ? '' : ' (skipped: only root keeps one there)'}`, async () => {
    await mkdir(home, { mode: 0o755 });
    await chown(home, 1_000, 1_000);
    // oxlint-disable-next-line jest/no-standalone-expect
    await expect(start()).rejects.toThrow(`${home} belongs to another user (1000); remove it`);
  });

  it('refuses a folder that others can write to', async () => {
    await mkdir(home, { recursive: true });
    await chmod(home, 0o777);
    await expect(start()).rejects.toThrow('can be written by other users');
  });

  it('says in one line that the data is of another PostgreSQL', async () => {
    await (await start()).stop();
    const file = join(home, 'cluster.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"major":18', '"major":17'));
    await expect(start()).rejects.toThrow(/holds data of PostgreSQL 17, the installed one is 18; remove that folder to start anew$/);
  });
});

describe('explain', () => {
  it.each([
    [Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
    [new Error('initdb failed: initdb: error: could not write file "x": No space left on device')],
    [new Error('the server did not start: FATAL:  could not write lock file "postmaster.pid": No space left on device')],
  ])('says in one line that the disk is full: %s', (error) => {
    expect(explain(error, '/home').message).toBe('Embedded PostgreSQL: no disk space left for /home');
  });

  it('says in one line what else is wrong', () => {
    expect(explain(Object.assign(new Error('x'), { code: 'EACCES' }), '/home').message).toBe('Embedded PostgreSQL: no permission to write /home');
    expect(explain(new Error('initdb failed: a\nb'), '/home').message).toBe('Embedded PostgreSQL: initdb failed: a');
  });
});

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DatabaseUrls } from '../../src/database/database-urls.js';
import { postgresUser } from '../../src/database/embedded/postgres-user.js';

/** So few that tenants and processes share them all the time; taken in turn, so that no client keeps one. */
const SERVER_CONNECTIONS = 3;
const START_MS = 10_000;

/** Debian keeps it where only root looks. */
const environment = { PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` };
const isInstalled = spawnSync('pgbouncer', ['--version'], { stdio: 'ignore', env: environment }).error === undefined;

/** How a test's gateways reach their cluster: what `startGateway` takes as `connect`. */
export type Connect = (urls: DatabaseUrls) => Promise<DatabaseUrls>;

/**
 * Declares the same specs twice: directly at PostgreSQL, and with PgBouncer in transaction mode between. Without the program the second
 * half is skipped by name. The specs start one gateway with `connect`.
 */
export function describeBothWays(name: string, specs: (connect: Connect, isPooled: boolean) => void): void {
  describe(`${name}`, () => {
    specs(async (urls) => urls, false);
  });
  const suite = isInstalled ? describe : describe.skip;
  suite(`${name} (through PgBouncer in transaction mode${isInstalled ? '' : ', skipped: pgbouncer is not installed'})`, () => {
    let pooler: PgBouncer | undefined;
    specs(async (urls) => {
      pooler = await PgBouncer.before(urls);
      return pooler.urls;
    }, true);
    it('went through it', async () => {
      const { mode, transactions } = (await pooler?.measure()) ?? {};
      expect(mode).toBe('transaction');
      expect(transactions).toBeGreaterThan(10);
    });
    // Behind the hooks of the specs, which end the gateway first.
    afterAll(() => pooler?.stop());
  });
}

/** The system's PgBouncer in front of the runtime login, with a folder and a port of its own. */
export class PgBouncer {
  readonly urls: DatabaseUrls;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<void>;

  private constructor(urls: DatabaseUrls, process: ChildProcess, folder: string) {
    this.urls = urls;
    this.#process = process;
    this.#folder = folder;
    this.#ended = new Promise((resolve) => process.once('close', () => resolve()));
  }

  /** Only `url` goes through it: LISTEN and migrations need the server itself. */
  static async before(urls: DatabaseUrls): Promise<PgBouncer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await PgBouncer.#start(urls);
      } catch (error) {
        // Somebody else may have taken the port that was free.
        if (attempt === 3) throw error;
      }
    }
  }

  static async #start(urls: DatabaseUrls): Promise<PgBouncer> {
    const target = new URL(urls.url.reveal());
    const port = await findFreePort();
    const folder = await writeSettings(target, port);
    const child = spawn('pgbouncer', ['-q', join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'], env: environment, ...postgresUser() });
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const url = new Secret(Object.assign(new URL(target), { port: String(port) }).href);
    const pooler = new PgBouncer({ ...urls, url }, child, folder);
    const until = Date.now() + START_MS;
    while (!(await answers(url))) {
      if (child.exitCode === null && Date.now() < until) continue;
      await pooler.stop();
      throw new Error(`pgbouncer did not start: ${log}`);
    }
    // At once, so that each opens a connection to the server.
    await Promise.all(Array.from({ length: SERVER_CONNECTIONS }, () => answers(url)));
    return pooler;
  }

  /** How the runtime login's connections are pooled, and how many transactions there were. */
  async measure(): Promise<{ readonly mode: string | undefined; readonly transactions: number }> {
    const url = new URL(this.urls.url.reveal());
    const database = url.pathname.slice(1);
    const client = new Client({ connectionString: Object.assign(url, { pathname: '/pgbouncer' }).href });
    await client.connect();
    try {
      const pools = await client.query<{ database: string; pool_mode: string }>('SHOW POOLS');
      const stats = await client.query<{ database: string; total_xact_count: string }>('SHOW STATS');
      const mode = pools.rows.find((row) => row.database === database)?.pool_mode;
      return { mode, transactions: Number(stats.rows.find((row) => row.database === database)?.total_xact_count ?? 0) };
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      // Its immediate shutdown.
      this.#process.kill('SIGTERM');
      await this.#ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function writeSettings({ hostname, port: serverPort, pathname, username, password }: URL, port: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pgbouncer-'));
  const settings = `
[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users.txt')}
stats_users = ${username}
pool_mode = transaction
server_round_robin = 1
default_pool_size = ${SERVER_CONNECTIONS}
max_client_conn = 500
`;
  await writeFile(join(folder, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`, { mode: 0o600 });
  await writeFile(join(folder, 'pgbouncer.ini'), settings);
  // It refuses to run as root, as PostgreSQL does.
  const user = postgresUser();
  if (user) for (const path of ['.', 'users.txt']) await chown(join(folder, path), user.uid, user.gid);
  await chmod(folder, 0o700);
  return folder;
}

async function answers(url: Secret): Promise<boolean> {
  const client = new Client({ connectionString: url.reveal(), connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT pg_sleep(0.1)');
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseUrls } from './database-urls.js';
import { prepareBinaries } from './embedded/binaries.js';
import { openCluster, writeCluster } from './embedded/cluster.js';
import { explain } from './embedded/embedded.error.js';
import { emptyHome, homeOf, makeHome, removeHome } from './embedded/home.js';
import { lockHome, lockName } from './embedded/home.lock.js';
import { prepareLogins } from './embedded/logins.js';
import { stopOrphan } from './embedded/orphan.js';
import { postgresUser, type PostgresUser } from './embedded/postgres-user.js';
import { startServer, type Server } from './embedded/server.js';

export interface EmbeddedPostgresOptions {
  /** Folder whose `.gatehouse/` holds the data; under root the data lies in /var/tmp, by this folder's name. */
  readonly checkout: string;
  readonly log: (line: string) => void;
  /** PostgreSQL settings over ours; tests turn fsync off. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  readonly urls: DatabaseUrls;
  /** The folder with everything that is kept. */
  readonly home: string;
  /** Stops the server; the data stays. */
  stop(): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

/** A real PostgreSQL for development: its own process, on loopback, at most one for each checkout. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = postgresUser();
  const home = homeOf(await realpath(options.checkout), user);
  try {
    await makeHome(home, user);
    const release = lockHome(home);
    try {
      return await start(home, user, options, release);
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    throw explain(error, home);
  }
}

async function start(home: string, user: PostgresUser | undefined, options: EmbeddedPostgresOptions, release: () => void): Promise<EmbeddedPostgres> {
  const binaries = await prepareBinaries(home, user);
  await stopOrphan(join(home, 'data'));
  const cluster = await openCluster(home, binaries, user);
  const server = await startServer({ home, binaries, user }, cluster.port, options.settings ?? {});
  try {
    if (server.port !== cluster.port) await writeCluster(home, { ...cluster, port: server.port });
    const urls = await prepareLogins(cluster, server.port);
    options.log(`PostgreSQL ${binaries.major} listens on 127.0.0.1:${server.port}, data in ${home}`);
    return { urls, home, ...ending(home, user, server, release) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function ending(home: string, user: PostgresUser | undefined, server: Server, release: () => void): Pick<EmbeddedPostgres, 'stop' | 'remove'> {
  let isHeld = true;
  return {
    stop: async () => {
      await server.stop();
      isHeld = false;
      release();
    },
    remove: async () => {
      await server.stop();
      if (!isHeld && !existsSync(home)) return;
      // After a stop the folder may be another process's by now; then this refuses.
      const unlock = isHeld ? release : lockHome(home);
      isHeld = false;
      await emptyHome(home, lockName);
      unlock();
      await removeHome(home, user);
    },
  };
}

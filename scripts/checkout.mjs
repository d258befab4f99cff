/** What the scripts know of this checkout: where things are, and whether they are fresh. Runs on any Node >= 20. */
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const LEAST_NODE = [24, 11];

export const root = resolve(import.meta.dirname, '..');
export const binFolder = join(root, 'node_modules', '.bin');

/** Whether this process's own Node can run Gatehouse. */
export function isNodeCurrent() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** The pinned Node, from npm; undefined before the packages are installed, and on a platform that npm has none for. */
export function pinnedNode() {
  return ['node', 'node.exe'].map((name) => join(binFolder, name)).find((path) => existsSync(path));
}

/** The environment of a child: the packages' commands first in the PATH, the pinned Node among them. */
export function childEnvironment() {
  return { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ''}` };
}

/** npm writes its own lock file into node_modules at the end of an install. */
export function isInstalled() {
  return modified(join(root, 'node_modules', '.package-lock.json')) >= modified(join(root, 'package-lock.json'));
}

/** Written after each build with the time at which it began: what changed during it is stale. */
const stamp = join(root, 'dist', '.built');
const sources = ['libs', 'src', 'demo', 'bench'];

export function isBuilt() {
  return modified(stamp) > Math.max(...sources.map((folder) => newest(join(root, folder))));
}

export function markBuilt(startedAt) {
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt);
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules' || entry.name.endsWith('.spec.ts')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (/\.(ts|json)$/.test(entry.name)) latest = Math.max(latest, modified(path));
  }
  return latest;
}

/** Milliseconds since the epoch; 0 for what does not exist. */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

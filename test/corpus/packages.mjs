/** Packages that a script needs and Gatehouse does not: installed exactly as a lock file says, into a folder that git ignores. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, root } from '../../scripts/checkout.mjs';

const manifest = ['package.json', 'package-lock.json'];

/**
 * Installs what `package.json` and `package-lock.json` of `folder` name; does nothing when that was done before.
 * @param {string} folder absolute
 * @param {string} name of the folder below `.gatehouse/packages`
 * @returns {string} the `node_modules` folder
 */
export function installPackages(folder, name) {
  const target = join(root, '.gatehouse', 'packages', name);
  const installed = join(target, 'node_modules');
  const isCurrent = existsSync(join(installed, '.package-lock.json')) && manifest.every((file) => isSame(join(folder, file), join(target, file)));
  if (isCurrent) return installed;
  mkdirSync(target, { recursive: true });
  for (const file of manifest) copyFileSync(join(folder, file), join(target, file));
  console.error(`installing the packages of ${name} …`);
  const isWindows = process.platform === 'win32';
  const { status, error } = spawnSync(isWindows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: target,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: childEnvironment(),
    shell: isWindows,
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`npm ci in ${target} failed: ${error?.message ?? `exit code ${status}`}`);
  return installed;
}

/** @param {string} one @param {string} other */
function isSame(one, other) {
  return existsSync(other) && readFileSync(one).equals(readFileSync(other));
}

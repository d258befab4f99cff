/**
 * Makes a checkout ready to run: installs the packages when the lock file is newer than what is installed, and builds
 * what is older than its sources. Runs on any Node >= 20 with nothing installed, so it uses nothing but Node itself.
 *
 *   node scripts/setup.mjs [--build] [--quiet]      --build: even when nothing is stale
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { binFolder, isBuilt, isInstalled, markBuilt, root } from './checkout.mjs';

const quiet = process.argv.includes('--quiet');

if (!isInstalled()) {
  run('installing packages', npm(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { npm_config_engine_strict: 'false' });
}
if (process.argv.includes('--build') || !isBuilt()) {
  const startedAt = new Date();
  run('building', npm(), ['run', '-s', 'build:all']);
  markBuilt(startedAt);
}

function npm() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

function run(what, command, args, environment = {}) {
  if (!quiet) console.error(`${what} …`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment, PATH: `${binFolder}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}` },
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${what} failed${error ? `: ${error.message}` : ''} (in ${join(root)})`);
    process.exit(status ?? 1);
  }
  if (!quiet) console.error(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

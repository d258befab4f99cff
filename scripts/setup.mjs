/**
 * Makes a checkout ready to run: installs the packages when the lock file is newer than what is installed, and builds
 * what is older than its sources. Runs on any Node >= 20 with nothing installed, so it uses nothing but Node itself.
 *
 *   node scripts/setup.mjs [--build] [--quiet]      --build: even when nothing is stale
 */
import { spawnSync } from 'node:child_process';
import { childEnvironment, isBuilt, isInstalled, isNodeCurrent, markBuilt, pinnedNode, root } from './checkout.mjs';

const quiet = process.argv.includes('--quiet');

if (!isInstalled()) run('installing packages', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=2', '--fetch-retry-maxtimeout=10000']);
if (!isNodeCurrent() && pinnedNode() === undefined) fail(`Node.js 24.11 or newer is needed on ${process.platform} ${process.arch}: npm has no pinned one for it (this is ${process.version})`);
if (process.argv.includes('--build') || !isBuilt()) {
  const startedAt = new Date();
  run('building', ['run', '-s', 'build:all']);
  markBuilt(startedAt);
}

function run(what, npmArguments) {
  if (!quiet) console.error(`${what} …`);
  const started = Date.now();
  const isWindows = process.platform === 'win32';
  const { status, error, stdout, stderr } = spawnSync(isWindows ? 'npm.cmd' : 'npm', npmArguments, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: childEnvironment(),
    shell: isWindows,
  });
  if (status !== 0) fail(`${what} failed: ${error?.message ?? explain(`${stdout}\n${stderr}`)}`);
  if (!quiet) console.error(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** One line for what happens to many; the whole output for the rest. */
function explain(output) {
  const code = /npm error (?:code )?(E[A-Z_]+)/.exec(output)?.[1] ?? /\b(ENOSPC)\b/.exec(output)?.[1];
  if (code === 'ENOSPC') return 'no space is left on the disk (ENOSPC)';
  if (['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENETUNREACH', 'ERR_SOCKET_TIMEOUT'].includes(code)) {
    return `npm cannot reach its registry (${code}); is there a network?`;
  }
  return output.trim();
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

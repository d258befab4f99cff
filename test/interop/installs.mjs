/** Installs the clients, exactly as the lock files of this folder say. What cannot be installed here says why. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, root } from '../../scripts/checkout.mjs';

const INSTALL_MS = 600_000;
/** Ignored by git, and kept from run to run. */
const kept = join(root, '.gatehouse', 'interop');

/** Installs the npm packages beside the programs that import them. */
export function installNpm() {
  const installed = join(import.meta.dirname, 'node_modules', '.interop-lock.json');
  const lock = readFileSync(join(import.meta.dirname, 'package-lock.json'));
  if (existsSync(installed) && readFileSync(installed).equals(lock)) return;
  console.error('installing the npm clients …');
  const isWindows = process.platform === 'win32';
  run(isWindows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: import.meta.dirname, shell: isWindows });
  writeFileSync(installed, lock);
}

/**
 * A virtual environment with what `python/requirements-NAME.txt` pins.
 * @param {string} name @returns {{ python: string } | { skipped: string }}
 */
export function installPython(name) {
  const found = spawnSync('python3', ['-c', 'import sys, venv; print(sys.version_info >= (3, 11))'], { encoding: 'utf8' });
  if (found.stdout?.trim() !== 'True') return { skipped: 'no Python 3.11 or newer with venv here' };
  const folder = join(kept, `venv-${name}`);
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const stamp = join(folder, '.interop-requirements');
  const requirements = join(import.meta.dirname, 'python', `requirements-${name}.txt`);
  const wanted = readFileSync(requirements);
  if (existsSync(stamp) && readFileSync(stamp).equals(wanted)) return { python };
  console.error(`installing the Python packages of ${name} …`);
  try {
    rmSync(folder, { recursive: true, force: true });
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '-r', requirements]);
  } catch (error) {
    return { skipped: describe(error) };
  }
  writeFileSync(stamp, wanted);
  return { python };
}

/** Builds the Go client. @returns {{ program: string } | { skipped: string }} */
export function buildGo() {
  if (spawnSync('go', ['version']).status !== 0) return { skipped: 'no Go here' };
  const program = join(kept, process.platform === 'win32' ? 'go-client.exe' : 'go-client');
  mkdirSync(kept, { recursive: true });
  try {
    run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd: join(import.meta.dirname, 'go') });
  } catch (error) {
    return { skipped: describe(error) };
  }
  return { program };
}

/** The version that a lock file names. @param {string} name */
export function npmVersion(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** @param {string} file below this folder @param {RegExp} pattern whose first group is the version */
export function pinnedVersion(file, pattern) {
  return pattern.exec(readFileSync(join(import.meta.dirname, file), 'utf8'))?.[1] ?? 'unknown';
}

/** @param {string} command @param {string[]} args @param {{ cwd?: string, shell?: boolean }} [options] */
function run(command, args, options = {}) {
  const { status, error, stderr } = spawnSync(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env: childEnvironment(), timeout: INSTALL_MS });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? (stderr.trim().split('\n').at(-1) || `exit code ${status}`)}`);
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? error.message : String(error);
}

import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../config/environment.js';
import { CommandError } from '../command.error.js';

/** Where the platform keeps what a program can make again. */
export function cacheFolderOf(platform: NodeJS.Platform, environment: Environment, home: string): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'gatehouse');
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'gatehouse');
  const { XDG_CACHE_HOME: named } = environment;
  // The XDG specification has relative paths ignored.
  return join(named?.startsWith('/') ? named : join(home, '.cache'), 'gatehouse');
}

/** Makes the folder for its user alone. @throws CommandError when others can look into it */
export function openCacheFolder(environment: Environment): string {
  const folder = cacheFolderOf(process.platform, environment, environment['HOME'] || homedir());
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined && process.platform !== 'win32') chmodSync(folder, 0o700);
  assertPrivate(folder, '700');
  return folder;
}

/** On Windows, %LOCALAPPDATA% is its user's by its access list, which modes do not show. @throws CommandError */
export function assertPrivate(path: string, mode: string): void {
  const { uid, mode: actual } = statSync(path);
  if (process.getuid === undefined || process.platform === 'win32') return;
  if (uid !== process.getuid()) throw new CommandError(`${path} belongs to another user: tokens are not kept there`);
  if ((actual & 0o077) !== 0) throw new CommandError(`${path} can be read by other users: tokens are not kept there; run chmod ${mode} ${path}`);
}

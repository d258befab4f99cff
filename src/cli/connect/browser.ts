import { spawn } from 'node:child_process';
import type { Environment } from '../../config/environment.js';

/** The program that opens a URL, and its arguments; never through a shell, which would read the URL's characters. */
export function browserCommand(platform: NodeJS.Platform, url: string): readonly [program: string, ...args: string[]] {
  if (platform === 'darwin') return ['open', url];
  // `start` is a word of the shell; this is what it does with a URL.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}

/** Whether a browser of this machine would open on somebody else's screen, or on none. */
export function isRemoteTerminal(platform: NodeJS.Platform, environment: Environment): boolean {
  if (environment['SSH_CONNECTION'] !== undefined || environment['SSH_TTY'] !== undefined) return true;
  return platform === 'linux' && environment['DISPLAY'] === undefined && environment['WAYLAND_DISPLAY'] === undefined;
}

/** @returns whether the program could be started and did not fail at once */
export function openBrowser(url: URL, environment: Environment): Promise<boolean> {
  const [program, ...args] = browserCommand(process.platform, url.href);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: { ...environment } });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    // Some openers stay for as long as the browser does.
    setTimeout(() => resolve(true), 2_000).unref();
    child.unref();
  });
}

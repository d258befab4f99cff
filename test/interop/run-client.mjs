/** Runs one client's program and collects what it says of each check. */
import { spawn } from 'node:child_process';
import { CHECKS } from './checks.mjs';

/** All the checks of the slowest client, with several of them timing out. */
const CLIENT_MS = 240_000;
const GRACE_MS = 3_000;

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;

/** Ends the client that runs now, for a run that is interrupted. */
export function endRunning() {
  if (running) endGroup(running);
}

/**
 * @typedef {{ status: 'ok' | 'not offered' | 'failed', detail?: string }} Outcome
 * @param {{ command: string, args: string[] }} start
 * @param {Record<string, string | undefined>} environment
 * @param {(check: string, outcome: Outcome) => void} said
 * @returns {Promise<Map<string, Outcome>>} one for each check; one that was never reported has failed
 */
export async function runClient({ command, args }, environment, said) {
  /** @type {Map<string, Outcome>} */
  const outcomes = new Map();
  // A group of its own: what a client starts (a bridge, a local server) ends with it.
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  running = child;
  let pending = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parseReport(line);
      if (parsed === undefined) continue;
      outcomes.set(parsed.check, parsed.outcome);
      said(parsed.check, parsed.outcome);
    }
  });
  child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-4_000)));
  const how = await new Promise((/** @type {(how: string) => void} */ resolve) => {
    const timer = setTimeout(() => {
      resolve(`no end after ${CLIENT_MS / 1_000} s`);
      endGroup(child);
    }, CLIENT_MS);
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => {
      clearTimeout(timer);
      resolve(by ?? `exit code ${code}`);
    });
  });
  endGroup(child);
  running = undefined;
  const lastWords = stderr.trim().split('\n').filter(Boolean).slice(-2).join(' | ').slice(-300);
  for (const check of CHECKS) {
    if (outcomes.has(check)) continue;
    const outcome = { status: /** @type {const} */ ('failed'), detail: `not reached: ${how}${lastWords ? `: ${lastWords}` : ''}` };
    outcomes.set(check, outcome);
    said(check, outcome);
  }
  return outcomes;
}

/** @param {string} line @returns {{ check: string, outcome: Outcome } | undefined} undefined for what a client's library prints */
function parseReport(line) {
  try {
    const { check, status, detail } = JSON.parse(line);
    if (!CHECKS.includes(check) || !['ok', 'not offered', 'failed'].includes(status)) return undefined;
    return { check, outcome: { status, ...(detail ? { detail } : {}) } };
  } catch {
    return undefined;
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function endGroup(child) {
  if (child.pid === undefined) return;
  const target = process.platform === 'win32' ? child.pid : -child.pid;
  send(target, 'SIGTERM');
  setTimeout(() => send(target, 'SIGKILL'), GRACE_MS).unref();
}

/** Nobody left in the group is no error. @param {number} target @param {NodeJS.Signals} name */
function send(target, name) {
  try {
    process.kill(target, name);
  } catch {}
}

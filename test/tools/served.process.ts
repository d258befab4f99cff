import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import type { TestGateway } from './gateway.js';
import { processEnvironment } from './process.environment.js';

const main = join(import.meta.dirname, '../../dist/main.js');

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `gatehouse serve` of a test. Both ends say what it printed. */
export interface ServedProcess {
  stop(): Promise<CommandResult>;
  kill(): Promise<CommandResult>;
}

/** Runs `gatehouse` from the build with nothing but this environment, in this folder. */
export function runGatehouse(args: readonly string[], { cwd, environment, stdin = '' }: { readonly cwd: string; readonly environment: Readonly<Record<string, string>>; readonly stdin?: string }): Promise<CommandResult> {
  const child = start(args, cwd, environment);
  child.stdin?.end(stdin);
  return collect(child);
}

/** A `gatehouse serve` that answers; `stop` ends it and says what it printed. */
export async function serveGatehouse(args: readonly string[], { cwd, environment, url }: { readonly cwd: string; readonly environment: Readonly<Record<string, string>>; readonly url: string }): Promise<ServedProcess> {
  const child = start(['serve', ...args], cwd, environment);
  const ended = collect(child);
  const until = Date.now() + 30_000;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`gatehouse serve did not start: ${(await Promise.race([ended, new Promise<CommandResult>((resolve) => setTimeout(() => resolve({ code: null, stdout: '', stderr: 'no answer' }), 100))])).stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const endBy = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { stop: () => endBy('SIGTERM'), kill: () => endBy('SIGKILL') };
}

/** One that serves the same users as the test's gateway. */
export interface ServedReplica extends ServedProcess {
  readonly url: string;
}

/** A further replica of a test's gateway as a process of its own, with the same database and configuration. */
export async function serveReplica({ file, environment, url, urls }: Pick<TestGateway, 'file' | 'environment' | 'url' | 'urls'>): Promise<ServedReplica> {
  const port = await findFreePort();
  const own = `http://127.0.0.1:${port}`;
  const served = await serveGatehouse(['--config', file, '--no-apply'], {
    cwd: dirname(file),
    url: own,
    environment: {
      ...operatorEnvironment({ environment, urls }),
      GATEHOUSE_PUBLIC_URLS: `${url},${own}`,
      GATEHOUSE_LISTEN_PORT: String(port),
    },
  });
  return { ...served, url: own };
}

const start = (args: readonly string[], cwd: string, environment: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, [main, ...args], { cwd, env: { ...processEnvironment, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });

async function collect(child: ChildProcess): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...output };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The variables of whoever operates a test's gateway: its secrets, and its database. */
export function operatorEnvironment({ environment, urls }: Pick<TestGateway, 'environment' | 'urls'>): Readonly<Record<string, string>> {
  return { ...environment, GATEHOUSE_DATABASE_URL: urls.url.reveal(), GATEHOUSE_DATABASE_DIRECT_URL: urls.directUrl.reveal(), GATEHOUSE_DATABASE_ADMIN_URL: urls.adminUrl?.reveal() ?? '' };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { BenchError } from './bench.error.js';

const READY_MS = 60_000;
const STOP_MS = 15_000;

export interface ServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Pins it to this core; without, it stays on the load's. */
  readonly core?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Both streams go there. */
  readonly logFile: string;
}

/** A child process that serves until it is stopped. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #options: ServerOptions;
  #failure: string | undefined;

  constructor(options: ServerOptions) {
    const { command, args, core, environment = {}, logFile } = options;
    const [program, ...rest] = core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
    const log = openSync(logFile, 'w', 0o600);
    this.#options = options;
    this.#child = spawn(program ?? command, rest, { stdio: ['ignore', log, log], env: { ...process.env, ...environment } });
    closeSync(log);
    this.#child.once('error', (error) => (this.#failure = error.message));
    this.#child.once('exit', (code, signal) => (this.#failure ??= signal ?? `exit code ${code}`));
  }

  /** taskset replaces itself by the command, so this is the server's own. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws BenchError with its last words when it ends first, or takes a minute */
  async waitFor(url: string): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!(await answersOk(url))) {
      const reason = this.#failure ?? (Date.now() > deadline ? 'it takes too long' : undefined);
      if (reason !== undefined) throw new BenchError(`${this.#options.name} did not start (${reason}): ${this.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  lastWords(): string {
    return readFileSync(this.#options.logFile, 'utf8').trim().split('\n').slice(-3).join(' | ');
  }

  async stop(): Promise<void> {
    if (this.#failure !== undefined) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
}

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

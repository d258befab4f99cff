import { type ChildProcess, spawn } from 'node:child_process';
import type { ChildMessage } from '../loopback/serve.js';
import { StartError } from './start.error.js';
import type { StateFolder } from './state.folder.js';

export interface PartOptions {
  /** Also the name of its log. */
  readonly name: string;
  /** Arguments of Node: the file and its own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: StateFolder;
  readonly readyMs: number;
}

const stopMs = 15_000;

/** One server of the demo as a child process. It ends with this process, however this one ends: its IPC channel closes. */
export class PartProcess {
  private readonly child: ChildProcess;
  /** Settles when the process is gone, whatever the reason. */
  readonly ended: Promise<string>;
  private refusal: string | undefined;
  private hasEnded = false;

  constructor(private readonly options: PartOptions) {
    this.child = options.folder.withLog(options.name, (log) =>
      // A group of its own: Ctrl-C reaches only the demo, which then stops its parts in order.
      spawn(process.execPath, [...options.args], { env: options.env, stdio: ['ignore', log, log, 'ipc'], detached: true }),
    );
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.hasEnded = true;
        resolve(how);
      };
      this.child.once('error', (error) => end(error.message));
      this.child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  get name(): string {
    return this.options.name;
  }

  /** Waits until a part of the demo's own says that it listens. */
  waitForMessage(): Promise<void> {
    return this.waitFor(
      new Promise((resolve) => {
        // Only our own `serve.ts` sends on this channel.
        this.child.on('message', (message: ChildMessage) => {
          if ('ready' in message) resolve();
          else this.refusal = message.failed;
        });
      }),
    );
  }

  /** Waits until a URL answers 200. */
  async waitForUrl(url: string): Promise<void> {
    const polling = new AbortController();
    try {
      await this.waitFor(pollUntilOk(url, polling.signal));
    } finally {
      polling.abort();
    }
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopMs);
    await this.ended;
    clearTimeout(timer);
  }

  private async waitFor(ready: Promise<void>): Promise<void> {
    const { name, readyMs, folder } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`it was not ready after ${readyMs / 1000} s`), readyMs);
    });
    const failure = await Promise.race([ready.then(() => undefined), this.ended, deadline]);
    clearTimeout(timer);
    if (failure === undefined) return;
    const tail = folder.tailOf(name);
    const reason = this.refusal ?? readLastWords(tail);
    if (reason !== undefined) throw new StartError(`${name} did not start: ${reason}`);
    throw new StartError(`${name} did not start: ${this.hasEnded ? `it ended with ${failure}` : failure} (its log: ${folder.logFile(name)})`, tail);
  }
}

/** The gateway's command line says in one such line what an operator can mend. */
function readLastWords(tail: string): string | undefined {
  const prefix = 'gatehouse: ';
  return tail
    .split('\n')
    .findLast((line) => line.startsWith(prefix))
    ?.slice(prefix.length);
}

async function pollUntilOk(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { processEnvironment } from './process.environment.js';

const main = join(import.meta.dirname, '../../dist/main.js');

/** What a test reads of a line. */
export interface StdioMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: { readonly protocolVersion?: string; readonly isError?: boolean; readonly tools?: readonly { readonly name: string }[]; readonly structuredContent?: Record<string, unknown>; readonly content?: readonly { readonly text: string }[] };
}

export const initialize = (id: number, capabilities: object = {}) => ({ jsonrpc: '2.0', id, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } } });

/** A `gatehouse` command that talks over its standard streams, as a host has it: the bytes, without any client. */
export class StdioProcess {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>>, cwd?: string) {
    this.child = spawn(process.execPath, [main, ...args], { env: { ...processEnvironment, ...environment }, ...(cwd === undefined ? {} : { cwd }) });
    this.child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  send(message: object | string): void {
    this.child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  /** Sends a request and waits for its answer. */
  async ask(message: { readonly id: number } & object, patience = 20_000): Promise<StdioMessage> {
    this.send(message);
    return this.answer(message.id, patience);
  }

  async answer(id: number, patience = 20_000): Promise<StdioMessage> {
    const find = () => this.messages().find((message) => message.id === id && message.method === undefined);
    await this.#until(() => find() !== undefined, patience, `no answer to ${id}`);
    return find()!;
  }

  async says(pattern: RegExp, patience = 20_000): Promise<RegExpExecArray> {
    await this.#until(() => pattern.test(this.stderr), patience, `stderr has no ${pattern}`);
    return pattern.exec(this.stderr)!;
  }

  /** Every line of standard output; throws when one is no JSON. */
  messages(): readonly StdioMessage[] {
    return this.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as StdioMessage);
  }

  async end(): Promise<number | null> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    return this.#ended.finally(() => clearTimeout(timer));
  }

  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async #until(isThere: () => boolean, patience: number, problem: string): Promise<void> {
    const until = Date.now() + patience;
    while (!isThere()) {
      const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null;
      if (Date.now() > until || (hasEnded && this.child.stdout.readableEnded && this.child.stderr.readableEnded)) throw new Error(`${problem}\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

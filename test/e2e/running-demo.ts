import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import { checkoutFolder } from '../../demo/paths.js';
import { type DemoPorts, derivePorts } from '../../demo/ports.js';
import { EmbeddedDatabase } from '../../demo/stack/embedded.database.js';
import { assertPortsFree } from '../../demo/stack/free-ports.js';
import { stateFolderOf } from '../../demo/stack/state.folder.js';

/** What a finished program left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A demo of its own for a test: other ports, another database, and nothing left behind. */
export class TestDemo {
  private readonly database: EmbeddedDatabase;
  private readonly folder: string;
  readonly ports: DemoPorts;

  private constructor(readonly portBase: number) {
    this.ports = derivePorts(portBase);
    this.folder = stateFolderOf(portBase).path;
    mkdirSync(this.folder, { recursive: true });
    this.database = new EmbeddedDatabase(this.folder);
  }

  /** Picks ports that are free now. */
  static async prepare(): Promise<TestDemo> {
    for (const file of ['dist/main.js', 'demo/dist/main.js']) {
      if (!existsSync(join(checkoutFolder, file))) throw new Error(`${file} is missing: run npm run build`);
    }
    for (;;) {
      // The free port is the first one that the demo takes.
      const portBase = (await findFreePort()) - 1;
      const areFree = await assertPortsFree(derivePorts(portBase), portBase).then(
        () => true,
        () => false,
      );
      if (areFree) return new TestDemo(portBase);
    }
  }

  get mcpUrl(): string {
    return `http://localhost:${this.ports.gateway}/mcp`;
  }

  get databaseHome(): string {
    return this.database.home;
  }

  spawn(script: 'main' | 'token', ...args: string[]): ChildProcess {
    const file = join(checkoutFolder, 'demo', 'dist', `${script}.js`);
    return spawn(process.execPath, [file, ...args, '--port-base', String(this.portBase)], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async run(script: 'main' | 'token', ...args: string[]): Promise<Finished> {
    return finish(this.spawn(script, ...args));
  }

  /** Starts the demo and waits until its story is told and it serves. */
  async serve(): Promise<ChildProcess> {
    const child = this.spawn('main');
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes('Ctrl-C stops everything')) resolve();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${output}`)));
    });
    return child;
  }

  /** Once the demo has ended. */
  remove(): void {
    this.database.removeWhatWasMade();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function stop(child: ChildProcess | undefined): Promise<number | null> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  child.kill('SIGTERM');
  return new Promise((resolve) => child.once('exit', resolve));
}

function finish(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

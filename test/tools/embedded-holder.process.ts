import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '../..');

export interface Holder {
  readonly child: ChildProcess;
  readonly home: string;
  readonly adminUrl: string;
  readonly refusal: string | undefined;
}

/** Starts a process of its own that holds the embedded PostgreSQL of a checkout, and waits for what it says. */
export async function startHolder(checkout: string, options: { readonly root?: string } = {}): Promise<Holder> {
  const from = options.root ?? root;
  const hooks = join(from, 'test/tools/typescript-hooks.mjs');
  const node = join(root, 'node_modules/.bin/node');
  const child = spawn(node, ['--conditions=gatehouse-source', '--import', hooks, join(from, 'test/tools/embedded-holder.ts'), checkout], {
    cwd: from,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let problems = '';
  child.stderr.on('data', (data) => (problems += String(data)));
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Partial<Omit<Holder, 'child'>>;
    return { child, home: said.home ?? '', adminUrl: said.adminUrl ?? '', refusal: said.refusal };
  }
  throw new Error(`the holder ended without a word: ${problems}`);
}

/** Kills it without a chance to clean up. */
export async function killHolder(holder: Holder): Promise<void> {
  if (holder.child.exitCode !== null || holder.child.signalCode !== null) return;
  holder.child.kill('SIGKILL');
  await once(holder.child, 'exit');
}

/** Lets it stop, and remove its folder when asked to. */
export async function endHolder(holder: Holder, word: 'stop' | 'remove'): Promise<void> {
  if (holder.child.exitCode !== null || holder.child.signalCode !== null) return;
  holder.child.stdin?.write(`${word}\n`);
  await once(holder.child, 'exit');
}

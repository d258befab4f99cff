import type { StdioBridge } from './stdio.bridge.js';

/** Serves the program that started this one until it closes standard input, or ends this process by a signal. */
export async function serveHost(create: (signal: AbortSignal) => StdioBridge): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort(new Error('the host has gone'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
  // A host that was killed reads no more.
  process.stdout.on('error', end);
  try {
    await create(ending.signal).serve(process.stdin, ending.signal);
  } finally {
    end();
    process.stdin.destroy();
  }
}

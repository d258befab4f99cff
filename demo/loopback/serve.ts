import type { LoopbackServer } from './listen.js';

/** What a demo child process tells its parent over IPC. */
export type ChildMessage = { readonly ready: true; readonly port: number } | { readonly failed: string };

/**
 * Runs one demo server as a process: tells the parent when it is ready, ends on a signal, and ends with its parent
 * even when that one was killed with -9 (the IPC channel closes then, and nothing else would tell us).
 */
export async function serveUntilStopped(start: () => Promise<LoopbackServer>): Promise<void> {
  if (process.channel) process.on('disconnect', () => process.exit(0));
  try {
    const server = await start();
    tellParent({ ready: true, port: server.port });
    console.log(`listening on port ${server.port}`);
    const stop = (): void => void server.close().then(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(reason);
    tellParent({ failed: reason });
    process.exitCode = 1;
    process.channel?.unref();
  }
}

function tellParent(message: ChildMessage): void {
  process.send?.(message);
}

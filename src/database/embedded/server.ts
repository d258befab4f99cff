import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.js';
import { programEnvironment } from './cluster.js';
import { readPostmasterFile } from './orphan.js';
import type { PostgresUser } from './postgres-user.js';

const startMs = 60_000;
const attempts = 20;

export interface ServerPlace {
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: PostgresUser | undefined;
}

/** A running server that is our child. */
export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** Settings of the server; small, and on loopback only, whatever its configuration file says. */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '100',
  max_wal_size: '256MB',
  logging_collector: 'off',
  log_destination: 'stderr',
  // Statements hold users' data and, of ours, a password.
  log_min_error_statement: 'panic',
};

/** Starts the server, on the port it had before when that is free. */
export async function startServer(place: ServerPlace, lastPort: number | undefined, settings: Readonly<Record<string, string>>): Promise<Server> {
  let port = (await freePort(lastPort ?? 0)) ?? (await freePort(0)) ?? 0;
  for (let attempt = 1; ; attempt++) {
    const child = await launch(place, port, settings);
    const failure = await waitUntilReady(child, place.home);
    if (failure === undefined) return { port, stop: guard(child, place.user) };
    const isTaken = /could not bind|address already in use|could not create any TCP/i.test(failure);
    // After kill -9 of the server its last children need a moment to notice.
    const isHeld = /pre-existing shared memory block|is another postmaster/i.test(failure);
    if (attempt >= attempts || !(isTaken || isHeld)) throw new Error(failure);
    if (isTaken) port = (await freePort(0)) ?? 0;
    else await sleep(250);
  }
}

async function launch(place: ServerPlace, port: number, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const log = await open(join(place.home, 'postgres.log'), 'w', 0o600);
  try {
    const options = Object.entries({ ...defaults, ...settings, port: String(port) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    // Its own session: a Ctrl-C in the terminal is for us, and we stop it when the last call is recorded.
    const child = spawn(place.binaries.postgres, ['-D', join(place.home, 'data'), ...options], {
      cwd: place.home,
      env: programEnvironment,
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      ...place.user,
    });
    child.unref();
    child.on('error', () => undefined);
    return child;
  } finally {
    await log.close();
  }
}

/** Waits for the server's own word in its pid file, so that no password is ever shown to a stranger on the port. */
async function waitUntilReady(child: ChildProcess, home: string): Promise<string | undefined> {
  const deadline = performance.now() + startMs;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const file = await readPostmasterFile(join(home, 'data'));
    if (file?.pid === child.pid && file.isReady) return undefined;
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      return `the server did not become ready within ${startMs / 1000} s`;
    }
    await sleep(15);
  }
  const log = await readFile(join(home, 'postgres.log'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => /FATAL|PANIC|LOG: {2}could not|No space/.test(line));
  return `the server did not start: ${lines.join('; ') || 'it could not be run'}`;
}

/** Stops the server with us: in order through the returned function, or through a watcher when we die without a word. */
function guard(child: ChildProcess, user: PostgresUser | undefined): () => Promise<void> {
  const watcher = watch(child, user);
  child.once('exit', () => watcher?.kill());
  return async () => {
    watcher?.kill();
    await stop(child);
  };
}

/** A shell that waits for the end of a pipe only we hold; the kernel closes it however we die. */
function watch(child: ChildProcess, user: PostgresUser | undefined): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'gatehouse-watch', String(child.pid)], {
    cwd: '/',
    env: programEnvironment,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...user,
  });
  watcher.unref();
  watcher.on('error', () => undefined);
  watcher.stdin?.on('error', () => undefined);
  if (watcher.stdin && 'unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return watcher;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGQUIT'), 10_000);
  await ended;
  clearTimeout(late);
}

/** The port when it is free on 127.0.0.1; for 0, any free one. */
function freePort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

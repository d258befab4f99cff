import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BenchError } from './bench.error.js';

/** One core for the server that is measured, another for all the rest. */
export interface Cores {
  readonly server: number;
  readonly load: number;
}

const programs: Readonly<Record<string, string>> = { taskset: 'util-linux', wrk: 'wrk', nginx: 'nginx' };

/** @throws BenchError naming every program that is missing and the package it comes in */
export function requirePrograms(): void {
  const missing = Object.entries(programs).filter(([program]) => spawnSync(program, ['-v'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length === 0) return;
  const names = missing.map(([program, name]) => (program === name ? program : `${program} (package ${name})`));
  throw new BenchError(`missing: ${names.join(', ')}. Install with the system's package manager, for instance: apt-get install ${missing.map(([, name]) => name).join(' ')}`);
}

/** Chooses the cores among those this process may use, and moves this process, and so all it starts, to the load's. */
export function takeCores(): Cores {
  const allowed = readAllowedCores(readFileSync('/proc/self/status', 'utf8'));
  const [server, load] = allowed;
  if (server === undefined || load === undefined) throw new BenchError('two processor cores are needed: one for the server, one for the load');
  const { status } = spawnSync('taskset', ['-a', '-p', '-c', String(load), String(process.pid)], { stdio: 'ignore' });
  if (status !== 0) throw new BenchError('taskset cannot pin a process here');
  return { server, load };
}

/** @param status text of `/proc/<pid>/status`; its list is like `0-3,8` */
export function readAllowedCores(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    if (range === '') return [];
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

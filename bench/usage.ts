import { readdirSync, readFileSync } from 'node:fs';

/** Linux tells times to programs in ticks of a hundredth of a second, whatever the kernel's own are. */
const TICK_MICROS = 10_000;

interface ProcessTimes {
  readonly parent: number;
  /** User and system time of all its threads. */
  readonly own: number;
  /** That of the children it has waited for. */
  readonly ended: number;
}

/** CPU time of one process so far, its threads included, in microseconds. */
export function cpuOf(pid: number): number {
  return readTimes(pid)?.own ?? 0;
}

/** CPU time of a process and everything below it so far, the ended ones included, in microseconds. */
export function cpuOfTree(root: number): number {
  const all = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? readTimes(Number(name)) : undefined;
    if (times) all.set(Number(name), times);
  }
  const isBelow = (pid: number): boolean => pid === root || (all.has(pid) && isBelow(all.get(pid)?.parent ?? 0));
  let sum = 0;
  for (const [pid, { own, ended }] of all) if (isBelow(pid)) sum += own + ended;
  return sum;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

/** Time of one core so far, in ticks. */
export interface CoreTimes {
  readonly total: number;
  readonly idle: number;
}

export function readCore(core: number): CoreTimes {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`cpu${core} `));
  // user nice system idle iowait irq softirq steal; guest times are part of user's.
  const ticks = (line ?? '').split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, value) => sum + value, 0), idle: (ticks[3] ?? 0) + (ticks[4] ?? 0) };
}

/** How much of the time between two readings a core was busy, 0 to 1. */
export function busyShare(before: CoreTimes, after: CoreTimes): number {
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function readTimes(pid: number): ProcessTimes | undefined {
  try {
    return parseTimes(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Ended meanwhile.
    return undefined;
  }
}

/** @param stat text of `/proc/<pid>/stat`; the name in it may hold spaces and parentheses */
export function parseTimes(stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  const at = (index: number) => fields[index - 3] ?? 0;
  return { parent: at(4), own: (at(14) + at(15)) * TICK_MICROS, ended: (at(16) + at(17)) * TICK_MICROS };
}

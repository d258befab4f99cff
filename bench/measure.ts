import type { Cores } from './cores.js';
import { runLoad, type LoadOptions, type LoadResult } from './load.js';
import type { MeasuredServer } from './measured-server.js';
import { busyShare, cpuOf, cpuOfTree, readCore, residentBytes } from './usage.js';

/** One run of one server. */
export interface Sample extends LoadResult {
  /** CPU microseconds of the server's process for each answer. */
  readonly cpuMicros: number;
  /** The same of PostgreSQL, which runs on the load's core; 0 where there is none. */
  readonly databaseCpuMicros: number;
  readonly rssMegabytes: number;
  /** 0 to 1, whoever kept it busy. */
  readonly serverCoreBusy: number;
  /** What the server's own process had of its core, 0 to 1: much less than the line above means that the machine was shared. */
  readonly serverCoreShare: number;
  readonly loadCoreBusy: number;
}

export async function measure(server: MeasuredServer, cores: Cores, options: LoadOptions): Promise<Sample> {
  const before = read(server, cores);
  const result = await runLoad(server.request, options);
  const after = read(server, cores);
  return {
    ...result,
    cpuMicros: (after.cpu - before.cpu) / result.requests,
    serverCoreShare: (after.cpu - before.cpu) / 1_000 / (after.at - before.at),
    databaseCpuMicros: (after.databaseCpu - before.databaseCpu) / result.requests,
    rssMegabytes: residentBytes(server.pid) / 1024 / 1024,
    serverCoreBusy: busyShare(before.serverCore, after.serverCore),
    loadCoreBusy: busyShare(before.loadCore, after.loadCore),
  };
}

function read({ pid, databasePid }: MeasuredServer, cores: Cores) {
  return {
    at: performance.now(),
    cpu: cpuOf(pid),
    databaseCpu: databasePid === undefined ? 0 : cpuOfTree(databasePid),
    serverCore: readCore(cores.server),
    loadCore: readCore(cores.load),
  };
}

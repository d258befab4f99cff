import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from './bench.error.js';
import type { BenchOptions } from './bench.options.js';
import { requirePrograms, takeCores, type Cores } from './cores.js';
import { measureCredentials, type CredentialReport } from './credentials/credentials.js';
import { measureEntries, type EntryReport } from './entries/entries.js';
import { startGatehouse, type Gatehouse } from './gatehouse.js';
import { measureLists, type ListReport } from './lists/lists.js';
import { runLoad } from './load.js';
import { measure } from './measure.js';
import type { BenchSetup, MeasuredServer } from './measured-server.js';
import { checkoutFolder } from './paths.js';
import { startPlainProxy } from './plain-proxy.js';
import { summarise, type BenchReport, type Round } from './report.js';
import { measureStreams, type StreamReport } from './streams/streams.js';
import { measureTokens, type TokenReport } from './tokens/tokens.js';
import { startUpstream } from './upstream.js';
import { measureViews, type ViewReport } from './views/views.js';

export async function runBench(options: BenchOptions, interrupted: AbortSignal, progress: (line: string) => void): Promise<BenchReport & { readonly tokens: TokenReport; readonly credentials: CredentialReport; readonly views: ViewReport; readonly streams: StreamReport; readonly lists: readonly ListReport[]; readonly entries: EntryReport }> {
  requirePrograms();
  const cores = takeCores();
  // In the checkout: a temporary folder may lie in memory, where durability costs nothing.
  const state = join(checkoutFolder, '.gatehouse');
  mkdirSync(state, { recursive: true });
  const folder = await mkdtemp(join(state, 'bench-'));
  const started: BenchSetup['started'] = [];
  try {
    const upstream = await startUpstream(folder);
    started.push(upstream);
    const setup = { folder, cores, upstream, started };
    const plain = await startPlainProxy(setup);
    const gatehouse = await startGatehouse(setup, options);
    progress(`server on core ${cores.server}; wrk, nginx, PostgreSQL and the identity provider on core ${cores.load}`);
    const rounds = await runRounds({ plain, gatehouse, cores, folder }, options, interrupted, progress);
    return { ...summarise(rounds, options), credentials: measureCredentials(cores), views: measureViews(cores), tokens: await measureTokens(gatehouse, cores, progress), streams: await measureStreams(setup, options, progress), lists: await measureLists(setup, options, progress), entries: await measureEntries(setup, options, progress) };
  } finally {
    for (const server of started.toReversed()) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Competitors {
  readonly plain: MeasuredServer;
  readonly gatehouse: Gatehouse;
  readonly cores: Cores;
  readonly folder: string;
}

async function runRounds({ plain, gatehouse, cores, folder }: Competitors, options: BenchOptions, interrupted: AbortSignal, progress: (line: string) => void): Promise<readonly Round[]> {
  const { connections, seconds } = options;
  let answered = 0;
  for (const server of [plain, gatehouse]) {
    const { requests } = await runLoad(server.request, { folder, connections, seconds: options.warmUp });
    if (server === gatehouse) answered += requests;
  }
  const rounds: Round[] = [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const round = { plain: await measure(plain, cores, { folder, connections, seconds }), gatehouse: await measure(gatehouse, cores, { folder, connections, seconds }) };
    interrupted.throwIfAborted();
    rounds.push(round);
    answered += round.gatehouse.requests;
    const { plain: a, gatehouse: b } = round;
    progress(`round ${number}: (a) ${a.requestsPerSecond.toFixed(0)}/s ${a.cpuMicros.toFixed(1)} µs, (b) ${b.requestsPerSecond.toFixed(0)}/s ${b.cpuMicros.toFixed(1)} µs, ratio ${(b.requestsPerSecond / a.requestsPerSecond).toFixed(3)}`);
  }
  const recorded = await gatehouse.countRecordedCalls();
  if (recorded < answered) throw new BenchError(`the figures are void: ${answered} calls were answered and only ${recorded} are on record`);
  progress(`audit: ${recorded} calls on record with intent and outcome, ${answered} answers counted`);
  return rounds;
}

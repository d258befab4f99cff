import type { BenchOptions } from './bench.options.js';
import type { Sample } from './measure.js';

/** One round: (a), then (b). */
export interface Round {
  readonly plain: Sample;
  readonly gatehouse: Sample;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

type Figures = Readonly<Record<keyof Sample, Spread>>;

export interface BenchReport {
  /** Requests per second of Gatehouse for one of the plain proxy, round by round. */
  readonly ratio: Spread;
  /** CPU time for a request of Gatehouse for one of the plain proxy. */
  readonly cpuRatio: Spread;
  readonly plain: Figures;
  readonly gatehouse: Figures;
  readonly options: Pick<BenchOptions, 'rounds' | 'seconds' | 'connections' | 'era'>;
  readonly node: string;
  readonly rounds: readonly Round[];
}

export function summarise(rounds: readonly Round[], { rounds: count, seconds, connections, era }: BenchOptions): BenchReport {
  return {
    ratio: spreadOf(rounds.map(({ plain, gatehouse }) => gatehouse.requestsPerSecond / plain.requestsPerSecond)),
    cpuRatio: spreadOf(rounds.map(({ plain, gatehouse }) => gatehouse.cpuMicros / plain.cpuMicros)),
    plain: figuresOf(rounds.map(({ plain }) => plain)),
    gatehouse: figuresOf(rounds.map(({ gatehouse }) => gatehouse)),
    options: { rounds: count, seconds, connections, era },
    node: process.version,
    rounds,
  };
}

/** The median of an even number of values is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) };
}

export function describeReport({ ratio, cpuRatio, plain, gatehouse, options, node }: BenchReport): string {
  const row = (title: string, of: keyof Sample, digits: number, scale = 1) => [title, ...[plain, gatehouse].map((figures) => spreadText(figures[of], digits, scale))];
  const rows = [
    ['min – median – max', '(a) plain proxy', '(b) Gatehouse'],
    row('requests/s', 'requestsPerSecond', 0),
    row('server CPU µs/request', 'cpuMicros', 1),
    row('p50 ms', 'p50Ms', 2),
    row('p99 ms', 'p99Ms', 2),
    row('server RSS MB', 'rssMegabytes', 0),
    row('server core busy %', 'serverCoreBusy', 0, 100),
    row('  of it the server %', 'serverCoreShare', 0, 100),
    row('load core busy %', 'loadCoreBusy', 0, 100),
    row('PostgreSQL CPU µs/request', 'databaseCpuMicros', 1),
  ];
  return [
    `${options.rounds} rounds of ${options.seconds} s, ${options.connections} connections, ${options.era} era, Node ${node}`,
    '',
    ...formatTable(rows),
    '',
    `ratio b/a of requests/s:    ${spreadText(ratio, 3)}`,
    `ratio b/a of CPU µs:        ${spreadText(cpuRatio, 2)}`,
  ].join('\n');
}

function figuresOf(samples: readonly Sample[]): Figures {
  const of = (key: keyof Sample) => spreadOf(samples.map((sample) => sample[key]));
  return {
    requests: of('requests'),
    requestsPerSecond: of('requestsPerSecond'),
    cpuMicros: of('cpuMicros'),
    databaseCpuMicros: of('databaseCpuMicros'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    rssMegabytes: of('rssMegabytes'),
    serverCoreBusy: of('serverCoreBusy'),
    serverCoreShare: of('serverCoreShare'),
    loadCoreBusy: of('loadCoreBusy'),
  };
}

function spreadText({ min, median, max }: Spread, digits: number, scale = 1): string {
  return [min, median, max].map((value) => (value * scale).toFixed(digits)).join(' – ');
}

function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ').trimEnd());
}

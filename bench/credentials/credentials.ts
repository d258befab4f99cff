import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BenchError } from '../bench.error.js';
import type { Cores } from '../cores.js';
import { checkoutFolder } from '../paths.js';
import { spreadOf, type Spread } from '../report.js';

const figures = ['cached', 'apiKey', 'cold', 'direct', 'bytesPerEntry'] as const;

/** `cached` and `apiKey` in microseconds, `cold` and `direct` in milliseconds; see credentials.process.mjs. */
export type CredentialReport = Readonly<Record<(typeof figures)[number], Spread>>;

const ROUNDS = 5;

export function measureCredentials({ server }: Cores): CredentialReport {
  const rounds = Array.from({ length: ROUNDS }, () => measureOnce(server));
  // One entry for each figure.
  return Object.fromEntries(figures.map((figure) => [figure, spreadOf(rounds.map((round) => round[figure]))])) as CredentialReport;
}

function measureOnce(core: number): Readonly<Record<(typeof figures)[number], number>> {
  const { status, stdout, stderr } = spawnSync('taskset', ['-c', String(core), process.execPath, '--expose-gc', join(checkoutFolder, 'bench/credentials/credentials.process.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new BenchError(`the credentials bench failed: ${stderr.trim().split('\n').at(-1)}`);
  // The process prints these members and nothing else.
  return JSON.parse(stdout) as Record<(typeof figures)[number], number>;
}

export function describeCredentials({ cached, apiKey, cold, direct, bytesPerEntry }: CredentialReport): string {
  const text = ({ min, median, max }: Spread, digits: number) => [min, median, max].map((value) => value.toFixed(digits)).join(' – ');
  return [
    'credential of a call, min – median – max of five processes:',
    `  exchanged, cached         ${text(cached, 2)} µs   (api-key ${text(apiKey, 2)}; goal: 5 µs more; it is ${(cached.median - apiKey.median).toFixed(2)} more)`,
    `  exchanged, cold           ${text(cold, 2)} ms   (the server's own ${text(direct, 2)}; goal: 2 ms more; it is ${(cold.median - direct.median).toFixed(2)} more)`,
    `  memory of 10,000 users    ${text(bytesPerEntry, 0)} bytes for each cached token`,
  ].join('\n');
}

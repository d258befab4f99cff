import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BenchError } from '../bench.error.js';
import type { Cores } from '../cores.js';
import { checkoutFolder } from '../paths.js';
import { spreadOf, type Spread } from '../report.js';

const figures = ['first', 'policy', 'index', 'list', 'copy', 'searchedMegabytes', 'listedMegabytes', 'ownMegabytes'] as const;

/** `first`, `policy`, `index`, `list` and `copy` in milliseconds; see views.process.mjs. */
export type ViewReport = Readonly<Record<(typeof figures)[number], Spread>>;

const ROUNDS = 5;

export function measureViews({ server }: Cores): ViewReport {
  const rounds = Array.from({ length: ROUNDS }, () => measureOnce(server));
  // One entry for each figure.
  return Object.fromEntries(figures.map((figure) => [figure, spreadOf(rounds.map((round) => round[figure]))])) as ViewReport;
}

function measureOnce(core: number): Readonly<Record<(typeof figures)[number], number>> {
  const { status, stdout, stderr } = spawnSync('taskset', ['-c', String(core), process.execPath, '--expose-gc', join(checkoutFolder, 'bench/views/views.process.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new BenchError(`the views bench failed: ${stderr.trim().split('\n').at(-1)}`);
  // The process prints these members and nothing else.
  return JSON.parse(stdout) as Record<(typeof figures)[number], number>;
}

export function describeViews({ first, policy, index, list, copy, searchedMegabytes, listedMegabytes, ownMegabytes }: ViewReport): string {
  const text = ({ min, median, max }: Spread, digits: number) => [min, median, max].map((value) => value.toFixed(digits)).join(' – ');
  return [
    'tool views of 1,000 tools, min – median – max of five processes:',
    `  new permission set, index ${text(index, 2)} ms   (goal: 10 ms; a map of the tools alone ${text(copy, 2)})`,
    `  new permission set, list  ${text(list, 2)} ms   (goal: 10 ms)`,
    `  first under a new policy  ${text(policy, 2)} ms   (reads what 50 roles reserve, for all views that follow)`,
    `  first of a catalog        ${text(first, 0)} ms   (compiles every tool, in slices of 5 ms)`,
    `  10,000 users in 50 sets   ${text(searchedMegabytes, 1)} MB searched, ${text(listedMegabytes, 1)} MB listed   (goal: 100 MB above idle; with a map for each user ${text(ownMegabytes, 0)})`,
  ].join('\n');
}

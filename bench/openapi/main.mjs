/**
 * `npm run bench:openapi`: the compiler's figures, each round in a new process on one core. Exit code 1 when a floor is missed.
 *
 *   node bench/openapi/main.mjs [--rounds N] [--only MEASURE]      MEASURE: github, graph, directory, request, first-call
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/checkout.mjs';
import { installPackages } from '../../test/corpus/packages.mjs';
import { figures } from './goals.mjs';
import { describeFigure, formatTable, head } from './report.mjs';

const LIMIT_MS = 300_000;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } } });
const rounds = Math.max(1, Number.parseInt(values.rounds, 10) || 5);
const packages = installPackages(join(root, 'test', 'corpus'), 'corpus');
const pinned = pinning();
const wanted = figures.filter(({ measure }) => values.only === undefined || measure === values.only);

const rows = [];
for (const measure of new Set(wanted.map((figure) => figure.measure))) {
  console.error(`${measure} …`);
  const samples = Array.from({ length: rounds }, () => runMeasure(measure));
  for (const figure of wanted) if (figure.measure === measure) rows.push(describeFigure(figure, samples));
}
console.log(`${rounds} rounds, each in a new process ${pinned.length > 0 ? 'on one core' : 'on any core (no taskset)'}, Node ${process.version}; ratio: to JSON.parse of the same bytes, of request building to new URL()\n`);
console.log(formatTable([head, ...rows.map(({ cells }) => cells)]));
const isEveryFloorMet = rows.length > 0 && rows.every(({ isFloorMet }) => isFloorMet);
if (!isEveryFloorMet) console.error('a floor is missed');
process.exitCode = isEveryFloorMet ? 0 : 1;

/** @param {string} measure @returns {import('./measures.mjs').Sample} */
function runMeasure(measure) {
  const [command = process.execPath, ...args] = [...pinned, process.execPath, join(import.meta.dirname, 'measure.process.mjs'), measure, packages];
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: LIMIT_MS });
  if (status !== 0) throw new Error(`${measure} failed: ${error?.message ?? stderr}`);
  return JSON.parse(stdout);
}

/** The last core; the first has the most interrupts. */
function pinning() {
  const command = ['taskset', '-c', String(availableParallelism() - 1)];
  return spawnSync(command[0] ?? '', [...command.slice(1), 'true']).status === 0 ? command : [];
}

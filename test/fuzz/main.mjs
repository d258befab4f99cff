/**
 * Fuzzes the OpenAPI compiler: `node test/fuzz/main.mjs [--minutes N] [--seconds N] [--seed N] [--case N] [--small] [--library FILE]`.
 * Cases run in a child process; what breaks a promise is written to test/fuzz/findings with its seed and number, and the exit code is 1.
 * `--case N` runs that one case of the seed again.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FindingStore } from './findings.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seconds: { type: 'string' }, seed: { type: 'string' }, case: { type: 'string' }, small: { type: 'boolean', default: false }, library: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const durationMs = values.seconds === undefined ? Number(values.minutes) * 60_000 : Number(values.seconds) * 1_000;
const library = values.library ?? join(import.meta.dirname, '../../libs/openapi-tools/dist/index.js');
// A step that uses no processor time but never ends, or one that blocks for good.
const hangMs = 30_000;

const deadline = values.case === undefined ? Date.now() + durationMs : Date.now() + 1;
const counts = { cases: 0, refused: 0, listed: 0, failed: 0, restarts: 0, peakRss: 0 };
const findings = new FindingStore(seed, values.small);
console.log(`seed ${seed}, ${Math.round(durationMs / 1_000)} s`);

for (let next = Number(values.case ?? 0), isDone = false; !isDone; ) {
  const { last, end } = await runExecutor(next);
  isDone = end || Date.now() >= deadline;
  next = last + 1;
  if (!isDone) counts.restarts += 1;
}
console.log(`${counts.cases} cases: ${counts.listed} listed, ${counts.refused} refused, ${counts.failed} failed; peak RSS ${Math.round(counts.peakRss / 1048576)} MiB; ${counts.restarts} restarts; ${findings.count} findings, ${findings.kinds} kinds`);
process.exitCode = findings.count === 0 ? 0 : 1;

/** One child until it ends, hangs or dies; answers with the last case it began. */
function runExecutor(first) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--max-old-space-size=900', join(import.meta.dirname, 'executor.mjs'), library, String(first), String(seed), String(deadline), String(values.small)], { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] });
    const state = { step: 'start', number: first, end: false, isHanging: false };
    let errors = '';
    let rest = '';
    let watchdog = setTimeout(kill, hangMs);
    function kill() {
      state.isHanging = true;
      child.kill('SIGKILL');
    }
    child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-2_000)));
    child.stdio[3].on('data', (chunk) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(kill, hangMs);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) note(JSON.parse(line), state);
    });
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (state.isHanging) findings.add({ finding: 'hang', detail: `${state.step}: ${hangMs / 1_000} s`, number: state.number });
      else if (!state.end) findings.add({ finding: 'crash', detail: `${state.step}: ${signal ?? code} ${errors.slice(-600)}`, number: state.number });
      resolve({ last: state.number, end: state.end });
    });
  });
}

function note(message, state) {
  if (message.end === true) state.end = true;
  else if (message.finding !== undefined) findings.add(message);
  else if (message.step !== undefined) Object.assign(state, message);
  else {
    counts.cases += 1;
    counts[message.outcome] += 1;
    counts.peakRss = Math.max(counts.peakRss, message.rss);
  }
}

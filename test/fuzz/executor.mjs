/**
 * Runs cases one after the other in a process of its own. Arguments: library, first case, seed, deadline (ms since 1970), small.
 * Every step is announced on descriptor 3 (a pipe, written synchronously) before it begins, so that the parent knows what hung
 * or crashed; a broken promise is announced there too.
 */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { listSources } from './corpus.mjs';
import { makeCase } from './make-case.mjs';
import { runPipeline } from './pipeline.mjs';
import { Random } from './random.mjs';

const [library, first, seed, deadline, small] = process.argv.slice(2);
const lib = await import(pathToFileURL(library).href);
const sources = listSources({ isSmall: small === 'true' });
const maxStepMs = 2_000;
const maxRss = 1024 * 1024 * 1024;

const tell = (message) => writeSync(3, `${JSON.stringify(message)}\n`);

let number = Number(first);
do {
  const random = new Random(Number(seed) * 1_000_003 + number);
  tell({ step: 'make', number });
  const input = makeCase(random, sources);
  const at = number;
  const fail = (kind, detail) => tell({ finding: kind, detail: detail.toWellFormed(), number: at, source: input.source, done: input.done.slice(0, 10) });
  const outcome = runPipeline(lib, input, random, { run: runner(number, fail), fail });
  const rss = process.memoryUsage.rss();
  if (rss > maxRss) fail('memory', `${Math.round(rss / 1048576)} MiB`);
  tell({ outcome, number, rss });
  number += 1;
} while (Date.now() < Number(deadline));
tell({ end: true });

function runner(at, fail) {
  return (step, work, ...expected) => {
    tell({ step, number: at });
    const before = process.cpuUsage();
    try {
      return work();
    } catch (error) {
      if (!expected.some((type) => error instanceof type)) fail('throws', `${step}: ${error?.stack?.slice(0, 900) ?? String(error)}`);
      return undefined;
    } finally {
      // Its own processor time: other work on the machine does not count.
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1_000 > maxStepMs) fail('slow', `${step}: ${Math.round((user + system) / 1_000)} ms`);
    }
  };
}

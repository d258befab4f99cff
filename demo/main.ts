import { demoHelp, parseDemoOptions } from './demo.options.js';
import { runDemo } from './demo.run.js';
import { StartError } from './stack/start.error.js';
import { UsageError } from './usage.error.js';

/** `npm run demo`: the exit code is 0 when all went well, 1 with one line why not, 2 for wrong options. */
const startedAt = performance.now();
const print = (line: string): void => console.log(line);
const progress = (line: string): void => print(`[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${line}`);

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
});

try {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options.help) print(demoHelp);
  else if ((await runDemo({ options, interrupted, print, progress })) === 'interrupted') {
    console.error('demo: interrupted');
    process.exitCode = 130;
  }
} catch (error) {
  if (error instanceof StartError && error.logTail) console.error(error.logTail);
  console.error(`demo: ${describeInOneLine(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** `fetch` says only that it failed; why stands in the cause. */
function describeInOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && error.message === 'fetch failed' ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`.replaceAll(/\s*\n\s*/g, ' ');
}

// A story that was interrupted may hold connections; everything is stopped by now.
process.exit();

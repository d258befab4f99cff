import { writeFileSync } from 'node:fs';
import { BenchError } from './bench.error.js';
import { benchHelp, parseBenchOptions } from './bench.options.js';
import { runBench } from './bench.run.js';
import { describeCredentials } from './credentials/credentials.js';
import { describeEntries } from './entries/entries.js';
import { describeLists } from './lists/lists.js';
import { describeReport } from './report.js';
import { describeStreams } from './streams/streams.js';
import { describeTokens } from './tokens/tokens.js';
import { describeViews } from './views/views.js';

/** `npm run bench`: exit code 0 with figures, 1 with one line why there are none. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort(new BenchError('interrupted')));

try {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.help) console.log(benchHelp);
  else {
    const report = await runBench(options, interrupt.signal, (line) => console.error(line));
    console.log(`${describeReport(report)}\n\n${describeCredentials(report.credentials)}\n\n${describeViews(report.views)}\n\n${describeTokens(report.tokens)}\n\n${describeStreams(report.streams)}\n\n${describeLists(report.lists)}\n\n${describeEntries(report.entries)}`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
} catch (error) {
  console.error(`bench: ${error instanceof BenchError ? error.message : error instanceof Error ? error.stack : String(error)}`);
  process.exitCode = 1;
}

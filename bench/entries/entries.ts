import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import { BenchError } from '../bench.error.js';
import type { BenchOptions } from '../bench.options.js';
import { startGatehouse, type Gatehouse } from '../gatehouse.js';
import { runLoad } from '../load.js';
import { measure, type Sample } from '../measure.js';
import type { BenchSetup, MeasuredServer } from '../measured-server.js';
import { checkoutFolder } from '../paths.js';
import { spreadOf, type Spread } from '../report.js';
import { ServerProcess } from '../server.process.js';
import { MARKER } from '../upstream.js';

const ROUNDS = 3;
const LOAD = { connections: 16, seconds: 4 } as const;
const LISTED_MS = 30_000;

/** The same answer by each kind of entry. */
const TOOLS = { openapi: 'items_getItem', native: 'own_getItem', federated: 'other_getItem' } as const;
type Kind = keyof typeof TOOLS;

/** CPU microseconds of the server for a call, and calls in a second. */
export type EntryReport = Readonly<Record<Kind, { readonly cpu: Spread; readonly perSecond: Spread }>>;

/** A call of an entry written in TypeScript, and of one of another MCP server, beside the call of an operation. */
export async function measureEntries(setup: BenchSetup, options: BenchOptions, progress: (line: string) => void): Promise<EntryReport> {
  const folder = join(setup.folder, 'entries');
  await mkdir(folder);
  const server = await startMcpServer({ ...setup, folder });
  const gatehouse = await startGatehouse({ ...setup, folder }, options, undefined, { module: join(checkoutFolder, 'bench', 'entries', 'native-item.mjs'), server });
  await untilListed(gatehouse);
  const kinds = Object.entries(TOOLS) as [Kind, string][];
  const samples: Record<Kind, Sample[]> = { openapi: [], native: [], federated: [] };
  for (const [, tool] of kinds) await runLoad(callOf(gatehouse, tool).request, { ...LOAD, seconds: options.warmUp, folder });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [kind, tool] of kinds) samples[kind].push(await measure(callOf(gatehouse, tool), setup.cores, { ...LOAD, folder }));
  }
  progress('entries: an operation, a native entry and one of another MCP server');
  const report = ([kind]: [Kind, string]) => [kind, { cpu: spreadOf(samples[kind].map(({ cpuMicros }) => cpuMicros)), perSecond: spreadOf(samples[kind].map(({ requestsPerSecond }) => requestsPerSecond)) }];
  // Each kind has just been put in.
  return Object.fromEntries(kinds.map(report)) as EntryReport;
}

export function describeEntries(report: EntryReport): string {
  const text = ({ min, median, max }: Spread) => [min, median, max].map((value) => value.toFixed(0)).join(' – ');
  const row = (kind: Kind, name: string) => `call of ${name.padEnd(44)} CPU µs ${text(report[kind].cpu)}, ${text(report[kind].perSecond)} a second`;
  return [row('openapi', 'an operation of an API'), row('native', 'an entry in TypeScript, which asks nobody'), row('federated', 'a tool of another MCP server')].join('\n');
}

async function startMcpServer({ folder, started }: BenchSetup): Promise<string> {
  const port = await findFreePort();
  const process = new ServerProcess({ name: 'the MCP server', command: globalThis.process.execPath, args: [join(import.meta.dirname, 'mcp-server.process.js'), String(port), MARKER], environment: { NODE_ENV: 'production' }, logFile: join(folder, 'mcp-server.log') });
  started.push(process);
  await process.waitFor(`http://127.0.0.1:${port}/`);
  return `http://127.0.0.1:${port}/mcp`;
}

/** The definitions of a server are read once the gateway serves. */
async function untilListed(gatehouse: Gatehouse): Promise<void> {
  const { url, headers, body } = callOf(gatehouse, TOOLS.federated).request;
  const until = Date.now() + LISTED_MS;
  for (;;) {
    const text = await (await fetch(url, { method: 'POST', headers: { ...headers }, body: body ?? '' })).text();
    if (text.includes(MARKER)) return;
    if (Date.now() > until) throw new BenchError(`the federated entry does not answer: ${text.slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const callOf = ({ request, ...gatehouse }: Gatehouse, tool: string): MeasuredServer => ({
  ...gatehouse,
  request: { ...request, headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, name === 'mcp-name' ? tool : value])), body: request.body?.replace(TOOLS.openapi, tool) },
});

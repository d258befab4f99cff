import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import { BenchError } from '../bench.error.js';
import type { BenchOptions } from '../bench.options.js';
import { startGatehouse } from '../gatehouse.js';
import { runLoad } from '../load.js';
import { measure } from '../measure.js';
import type { BenchSetup, MeasuredServer } from '../measured-server.js';
import { spreadOf, type Spread } from '../report.js';
import { ServerProcess } from '../server.process.js';

const TOOLS = 1_000;
const ROUNDS = 3;
const LOAD = { connections: 8, seconds: 4 } as const;

/** Query parameters of each tool: none, and as many as give it the size that the tools of real documents have on average (docs/corpus.md, 2 KB). */
const SIZES = [0, 9] as const;

export interface ListReport {
  /** Bytes of an answer. */
  readonly bytes: number;
  /** CPU microseconds of the server for an answer. */
  readonly listed: Spread;
  readonly plain: Spread;
  /** Round by round. */
  readonly ratio: Spread;
}

/** tools/list of 1,000 tools beside the same bytes from a plain Fastify: of the smallest tools there are, and of real ones' size. */
export async function measureLists(setup: BenchSetup, options: BenchOptions, progress: (line: string) => void): Promise<readonly ListReport[]> {
  const reports: ListReport[] = [];
  for (const filters of SIZES) reports.push(await measureList(setup, options, filters, progress));
  return reports;
}

async function measureList(setup: BenchSetup, options: BenchOptions, filters: number, progress: (line: string) => void): Promise<ListReport> {
  const folder = join(setup.folder, `lists-${filters}`);
  await mkdir(folder);
  const gatehouse = await startGatehouse({ ...setup, folder }, options, { count: TOOLS, filters });
  const listing: MeasuredServer = { ...gatehouse, request: { ...gatehouse.request, headers: headersOf(gatehouse.request.headers), body: listBody(gatehouse.request.body), marker: `"items_getItem${TOOLS - 1}"` } };
  const body = await readOnce(listing);
  const plain = await startPlainList({ ...setup, folder }, body, listing);
  // Calls warm up what all requests share sooner than large answers do.
  for (const { request } of [gatehouse, listing, plain]) await runLoad(request, { ...LOAD, seconds: options.warmUp, folder });
  progress(`lists: ${body.length} bytes for ${TOOLS} tools`);
  const rounds: { readonly listed: number; readonly plain: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ plain: (await measure(plain, setup.cores, { ...LOAD, folder })).cpuMicros, listed: (await measure(listing, setup.cores, { ...LOAD, folder })).cpuMicros });
  }
  return { bytes: body.length, listed: spreadOf(rounds.map(({ listed }) => listed)), plain: spreadOf(rounds.map(({ plain: own }) => own)), ratio: spreadOf(rounds.map((round) => round.listed / round.plain)) };
}

export function describeLists(reports: readonly ListReport[]): string {
  const text = ({ min, median, max }: Spread, digits: number) => [min, median, max].map((value) => value.toFixed(digits)).join(' – ');
  return reports
    .map(({ bytes, listed, plain, ratio }) => `tools/list of ${TOOLS} tools, ${(bytes / 1_024).toFixed(0)} KB, CPU µs: ${text(listed, 0)}   (plain Fastify ${text(plain, 0)}; goal: 1.5 times as much; ratio ${text(ratio, 2)})`)
    .join('\n');
}

async function readOnce({ request: { url, headers, body } }: MeasuredServer): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers: { ...headers }, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  if (!response.ok) throw new BenchError(`tools/list was answered ${response.status}: ${text.slice(0, 200)}`);
  return text;
}

async function startPlainList({ folder, cores, started }: BenchSetup, body: string, { request }: MeasuredServer): Promise<MeasuredServer> {
  const port = await findFreePort();
  const file = join(folder, 'list.json');
  await writeFile(file, body);
  const server = new ServerProcess({
    name: 'the plain list',
    command: process.execPath,
    args: [join(import.meta.dirname, 'plain-list.process.js'), String(port), file],
    core: cores.server,
    environment: { NODE_ENV: 'production' },
    logFile: join(folder, 'plain-list.log'),
  });
  started.push(server);
  await server.waitFor(`http://127.0.0.1:${port}/ready`);
  return { name: 'plain', pid: server.pid, databasePid: undefined, request: { ...request, url: `http://127.0.0.1:${port}/mcp` } };
}

function headersOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.entries(headers).filter(([name]) => name !== 'mcp-name');
  return Object.fromEntries(named.map(([name, value]) => [name, name === 'mcp-method' ? 'tools/list' : value]));
}

/** The call's own message, with another method and without its tool. */
function listBody(call: string | undefined): string {
  // The bench's own message.
  const { params, ...message } = JSON.parse(call ?? '{}') as { readonly params?: { readonly _meta?: object } };
  const meta = params?.['_meta'];
  return JSON.stringify({ ...message, method: 'tools/list', ...(meta ? { params: { _meta: meta } } : {}) });
}

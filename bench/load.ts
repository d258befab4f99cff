import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from './bench.error.js';
import type { LoadRequest } from './measured-server.js';

export interface LoadOptions {
  readonly folder: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * One run of wrk.
 * @throws BenchError when a single answer was not the right one, or none: such a run is void
 */
export async function runLoad(request: LoadRequest, { folder, connections, seconds }: LoadOptions): Promise<LoadResult> {
  const script = join(folder, 'load.lua');
  await writeFile(script, writeScript(request), { mode: 0o600 });
  const output = await runWrk(['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, request.url]);
  return judgeLoad(output);
}

/** @param output of wrk with our script: one line that begins with RESULT */
export function judgeLoad(output: string): LoadResult {
  const line = /^RESULT (.+)$/m.exec(output)?.[1];
  if (line === undefined) throw new BenchError(`wrk gave no result: ${output.trim().slice(0, 300)}`);
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, wrong = 0, failed = 0] = line.split(' ', 6).map(Number);
  const example = line.split(' ').slice(6).join(' ');
  if (!(wrong === 0)) throw new BenchError(`the run is void: ${wrong} of ${requests} answers were wrong, the first: ${example}`);
  if (!(failed === 0)) throw new BenchError(`the run is void: ${failed} connections failed or timed out`);
  if (!(requests > 0 && micros > 0)) throw new BenchError('the run is void: nothing was answered');
  return { requests, requestsPerSecond: requests / (micros / 1_000_000), p50Ms: p50 / 1_000, p99Ms: p99 / 1_000 };
}

/** wrk's script: the request, and a look at every answer. */
function writeScript({ method, headers, body, marker }: LoadRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[ ${quote(name)} ] = ${quote(value)}`);
  return `wrk.method = ${quote(method)}
${body === undefined ? '' : `wrk.body = ${quote(body)}`}
${lines.join('\n')}
local find = string.find
wrong, example = 0, ''
function response(status, headers, body)
  if status == 200 and find(body, ${quote(marker)}, 1, true) then return end
  wrong = wrong + 1
  if wrong == 1 then example = status .. ' ' .. string.gsub(string.sub(body, 1, 300), '%c', ' ') end
end
local threads = {}
function setup(thread) table.insert(threads, thread) end
function done(summary, latency, requests)
  local all, first = 0, ''
  for _, thread in ipairs(threads) do
    all = all + thread:get('wrong')
    if first == '' then first = thread:get('example') end
  end
  local e = summary.errors
  print(string.format('RESULT %d %d %d %d %d %d %s', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), all, e.connect + e.read + e.write + e.timeout, first))
end
`;
}

/** A Lua long string: nothing in it is an escape. */
function quote(text: string): string {
  if (text.includes(']==]')) throw new BenchError('a value of the request cannot be written in Lua');
  return `[==[${text}]==]`;
}

function runWrk(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

/**
 * `npm run interop`: MCP clients written by others, each as a program of its own, against a real gateway from the build.
 * Prints the table and puts it into docs/interop.md. Exit code 1 when anything failed.
 *
 *   node main.mjs [--only NAME] [--keep] [--wire]
 *
 * --only: the clients whose name begins so · --keep: the folder with the logs stays · --wire: and has all that was said, tokens too
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeClients } from './clients.mjs';
import { startStage } from './gateway.mjs';
import { installNpm } from './installs.mjs';
import { endRunning, runClient } from './run-client.mjs';
import { describeTable, writeTable } from './table.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'boolean', default: false }, wire: { type: 'boolean', default: false } } });

installNpm();
const clients = describeClients().filter(({ name }) => values.only === undefined || name.startsWith(values.only));
if (clients.length === 0) {
  console.error(`no client is called ${values.only}: there are ${describeClients().map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-interop-'));
/** @type {(() => Promise<unknown>)[]} */
const started = [];
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isInterrupted = true;
    endRunning();
  });
}
// A reader that goes away (`| head`) must not leave servers behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
try {
  process.exitCode = await run();
} finally {
  await end();
}
process.exit();

async function run() {
  console.error('starting PostgreSQL, an authorization server, an API and the gateway …');
  const stage = await startStage(folder, { wire: values.wire }, started);
  const { browser, browserProgram } = await writeBrowser();
  const environment = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GATEHOUSE_|npm_|MCP_|OAUTH)/i.test(name))),
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    BROWSER: browser,
    // Clients keep tokens and settings in their user's home.
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    PYTHONDONTWRITEBYTECODE: '1',
    FASTMCP_LOG_LEVEL: 'ERROR',
    INTEROP_STAGE: JSON.stringify({ ...stage, folder, browser, browserProgram, node: process.execPath }),
  };
  /** @type {import('./table.mjs').Row[]} */
  const rows = [];
  for (const { name, title, version, start } of clients) {
    if (isInterrupted) break;
    const command = start();
    if ('skipped' in command) {
      console.error(`${name}: skipped: ${command.skipped}`);
      rows.push({ title, version, skipped: command.skipped });
      continue;
    }
    const began = performance.now();
    const outcomes = await runClient(command, environment, (check, { status, detail }) => console.error(`${name}: ${check}: ${status}${detail ? `: ${detail}` : ''}`));
    console.error(`${name}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    rows.push({ title, version, outcomes });
  }
  if (isInterrupted) return 130;
  const table = describeTable(rows);
  console.log(table);
  // A part of the clients is not the table that is kept.
  if (values.only === undefined) writeTable(table);
  const outcomes = rows.flatMap((row) => [...(row.outcomes?.values() ?? [])]);
  const count = (/** @type {string} */ status) => outcomes.filter((outcome) => outcome.status === status).length;
  console.error(`${count('ok')} ok, ${count('not offered')} not offered, ${count('failed')} failed, ${rows.filter(({ skipped }) => skipped !== undefined).length} clients skipped`);
  if (outcomes.length === 0) console.error('no client ran: nothing has been checked');
  return count('failed') > 0 || outcomes.length === 0 ? 1 : 0;
}

/** What a desktop opens a URL with; it returns at once, as a browser's starter does. */
async function writeBrowser() {
  const browserProgram = join(import.meta.dirname, 'clients', 'browser.mjs');
  const script = `#!/bin/sh\n"${process.execPath}" "${browserProgram}" "$1" >"${join(folder, 'browser.log')}" 2>&1 &\n`;
  await mkdir(join(folder, 'bin'));
  for (const name of ['xdg-open', 'open', 'interop-browser']) await writeFile(join(folder, 'bin', name), script, { mode: 0o755 });
  return { browser: join(folder, 'bin', 'interop-browser'), browserProgram };
}

async function end() {
  for (const stop of started.splice(0).toReversed()) await stop();
  if (values.keep || values.wire) console.error(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}

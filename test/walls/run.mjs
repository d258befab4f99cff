/**
 * Takes out one wall at a time and demands that the test which holds it fails: a test that passes without its wall proves
 * nothing. Each `*.patch` names its wall, its test file and the test's full name above the diff; all of it happens in copies
 * of the checkout, with the work tree's files as they are, in each of which one wall is out at a time.
 *
 *   npm run test:walls [-- NAME …]      NAME: only the patches with this file name
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pinnedNode, root } from '../../scripts/checkout.mjs';

const RUN_LIMIT_MS = 180_000;
const AT_ONCE = Math.max(2, availableParallelism() - 1);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-walls-'));
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abandon);

try {
  process.exitCode = await checkWalls(readWalls(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  abandon();
}
removeCopies();

async function checkWalls(walls) {
  const copies = Array.from({ length: Math.min(AT_ONCE, walls.length) }, (_, number) => join(folder, String(number)));
  for (const copy of copies) await copyCheckout(copy);
  const whole = await runTests(copies[0], walls);
  const problems = walls.map(() => Promise.withResolvers());
  const left = walls.entries();
  const work = copies.map(async (copy) => {
    for (const [index, wall] of left) problems[index].resolve(findUnsound(whole, wall) ?? (await takeOut(copy, wall)));
  });
  const [passed] = await Promise.all([sayInOrder(walls, problems), ...work]);
  console.log(`${passed} passed, ${walls.length - passed} failed`);
  return passed === walls.length ? 0 : 1;
}

async function sayInOrder(walls, problems) {
  let passed = 0;
  for (const [index, { wall, file, name }] of walls.entries()) {
    const problem = await problems[index].promise;
    if (problem === undefined) passed += 1;
    console.log(problem === undefined ? `ok      ${wall}: without it, "${name}" fails` : `FAILED  ${wall} (${file}): ${problem}`);
  }
  return passed;
}

function readWalls(only) {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.patch'));
  const chosen = only.length === 0 ? files : files.filter((file) => only.includes(basename(file, '.patch')));
  if (chosen.length === 0 || (only.length > 0 && chosen.length < only.length)) throw new Error(`no such patch; there are ${files.map((file) => basename(file, '.patch')).join(', ')}`);
  return chosen.map((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const header = (key) => new RegExp(`^${key}: (.+)$`, 'm').exec(text.slice(0, text.indexOf('\ndiff --git ')))?.[1];
    const [wall, test, name] = ['Wall', 'Test', 'Name'].map(header);
    if (!wall || !test || !name) throw new Error(`${file} must begin with Wall:, Test: and Name:, and then a diff`);
    return { file, wall, test, name };
  });
}

/** The tests resolve our own libraries below their own root (test/tools/jest-resolver.cjs), so the packages can be a link. */
async function copyCheckout(copy) {
  mkdirSync(copy);
  const listed = await run(copy, 'git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (listed.status !== 0) throw new Error(`git cannot list the files of ${root}: ${listed.output}`);
  for (const file of new Set(listed.output.split('\0'))) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
}

/** @returns why the patched run is no proof, or undefined when the named test failed by one of its own assertions */
async function takeOut(copy, wall) {
  const patch = join(import.meta.dirname, wall.file);
  const applied = await run(copy, 'git', ['apply', patch]);
  if (applied.status !== 0) return `the patch no longer applies: ${applied.output.trim()}`;
  const report = await runTests(copy, [wall]);
  const undone = await run(copy, 'git', ['apply', '--reverse', patch]);
  if (undone.status !== 0) throw new Error(`${wall.file} cannot be undone: ${undone.output}`);
  return findUnproven(report, wall);
}

function findUnsound(report, wall) {
  const test = findTest(report, wall);
  if (typeof test === 'string') return test;
  return test.status === 'passed' ? undefined : `the test does not pass with the wall in place (${test.status}): ${firstLine(test)}`;
}

function findUnproven(report, wall) {
  const test = findTest(report, wall);
  if (typeof test === 'string') return test;
  if (test.status === 'passed') return `the test passes without the wall: "${wall.name}"`;
  // What a hook or a broken import throws is a failure too, but not of the promise.
  const isAssertion = test.status === 'failed' && test.failureMessages.length > 0 && test.failureMessages.every((message) => message.includes('expect('));
  return isAssertion ? undefined : `the test fails for another reason than the wall (${test.status}): ${firstLine(test)}`;
}

/** The one result of the wall's test, or why there is none. */
function findTest(report, wall) {
  const suite = report.testResults?.find(({ name }) => name.endsWith(`/${wall.test}`));
  if (!suite) return `Jest did not run ${wall.test}: ${report.problem ?? 'no such file'}`;
  if (suite.assertionResults.length === 0) return `${wall.test} has no tests: ${suite.message.trim().split('\n')[0]}`;
  const tests = suite.assertionResults.filter(({ fullName }) => fullName === wall.name);
  return tests.length === 1 ? tests[0] : `${tests.length} tests of ${wall.test} are named "${wall.name}"`;
}

function firstLine({ failureMessages }) {
  return failureMessages[0]?.split('\n')[0] ?? 'no message';
}

async function runTests(copy, walls) {
  const report = join(copy, 'walls-report.json');
  rmSync(report, { force: true });
  const names = walls.map(({ name }) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const files = [...new Set(walls.map(({ test }) => test))];
  const jest = join(copy, 'node_modules', 'jest', 'bin', 'jest.js');
  const { output } = await run(copy, pinnedNode() ?? process.execPath, [
    jest, '--rootDir', copy, '--ci', '--json', '--outputFile', report, '--cacheDirectory', join(folder, 'jest-cache'), '-t', `^(?:${names.join('|')})$`, '--runTestsByPath', ...files,
  ]);
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { problem: output.trim().split('\n').at(-1) };
}

/** Both streams as one text. The copy is below no repository, so `git apply` takes its paths from the folder. */
function run(cwd, command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: RUN_LIMIT_MS,
      env: { ...process.env, FORCE_COLOR: '0', GIT_CEILING_DIRECTORIES: folder },
    });
    running.add(child);
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => chunks.push(Buffer.from(error.message)));
    child.once('close', (status) => {
      running.delete(child);
      resolve({ status, output: Buffer.concat(chunks).toString() });
    });
  });
}

function abandon() {
  for (const child of running) child.kill();
  removeCopies();
  process.exit(1);
}

function removeCopies() {
  rmSync(folder, { recursive: true, force: true });
}

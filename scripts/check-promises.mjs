/** Checks docs/security.md: every promise, attack and fault has its row, every file that it names is there and has tests, and no file of test/security is forgotten. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { root } from './checkout.mjs';

const page = resolve(process.argv[2] ?? join(root, 'docs', 'security.md'));
const folder = join(page, '..');
const problems = [];
const named = new Set();

/** Numbers of each section, how its list of what has no tests begins, and whether a row may say "none yet". */
const sections = [
  { title: 'Promises', last: 15, mayBeNone: true },
  { title: 'Attacks', last: 40, missing: 'Attacks without tests of their own yet:' },
  { title: 'Faults', last: 15, missing: 'Faults without tests of their own yet:' },
];

const text = readFileSync(page, 'utf8');
const counts = sections.map((section) => `${checkSection(section)} ${section.title.toLowerCase()}`);
checkFolder('test/security');
for (const problem of problems) console.error(problem);
console.log(`${relative(process.cwd(), page)}: ${counts.join(', ')}, ${named.size} files, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

/** @returns number of rows that name tests */
function checkSection({ title, last, missing, mayBeNone = false }) {
  const body = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const rows = [...body.matchAll(/^\| *(\d+) *\|(.*)\|(.*)\|$/gm)].map(([, number, , tests]) => ({ number: Number(number), tests }));
  const line = missing === undefined ? undefined : body.split('\n').find((one) => one.startsWith(missing));
  const without = [...(line?.slice(missing.length).matchAll(/\d+/g) ?? [])].map(Number);
  const seen = [...rows.map(({ number }) => number), ...without];
  for (let number = 1; number <= last; number += 1) {
    const times = seen.filter((one) => one === number).length;
    if (times !== 1) problems.push(`${title}: ${number} stands ${times} times`);
  }
  for (const number of seen) if (number < 1 || number > last) problems.push(`${title}: there is no ${number}`);
  let tested = 0;
  for (const { number, tests } of rows) {
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    if (files.length > 0) tested += 1;
    else if (!mayBeNone || !tests.includes('none yet')) problems.push(`${title} ${number}: names no test`);
    for (const file of files) checkFile(`${title} ${number}`, resolve(folder, file));
  }
  return tested;
}

function checkFile(where, path) {
  const file = relative(root, path);
  named.add(file);
  if (!existsSync(path)) return problems.push(`${where}: ${file} is not there`);
  // The benchmark is no file of Jest's; what it measures, it says itself.
  if (!file.startsWith('bench/') && !/^ *it(?:\.each)?[(<]/m.test(readFileSync(path, 'utf8'))) problems.push(`${where}: ${file} has no tests`);
}

function checkFolder(name) {
  const files = readdirSync(join(root, name)).filter((file) => file.endsWith('.spec.ts'));
  if (files.length === 0) problems.push(`${name} has no tests`);
  for (const file of files) if (!named.has(`${name}/${file}`)) problems.push(`${name}/${file} is named by no row of ${relative(root, page)}`);
}

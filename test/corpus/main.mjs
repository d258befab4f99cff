/**
 * `npm run corpus`: every OpenAPI document of the collections becomes tools, which are judged; writes docs/corpus.md.
 * Exit code 1 when a promise is broken.
 *
 *   node test/corpus/main.mjs [--only SET] [--no-table]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/checkout.mjs';
import { readDocuments } from './documents.mjs';
import { judgeDocument } from './judge-document.mjs';
import { findSets } from './sets.mjs';
import { describeCorpus } from './table.mjs';

const PROGRESS_EVERY_MS = 10_000;
const SHOWN_PROBLEMS = 100;
const { values } = parseArgs({ options: { only: { type: 'string' }, 'no-table': { type: 'boolean', default: false } } });

const sets = findSets().filter(({ name }) => values.only === undefined || name === values.only);
/** @type {import('./table.mjs').SetResult[]} */
const judged = [];
for (const set of sets) judged.push({ set, results: await judgeSet(set) });

const broken = judged.flatMap(({ results }) => results.flatMap((result) => result.broken));
for (const { document, tool, problem } of broken.slice(0, SHOWN_PROBLEMS)) console.error(`${document} ${tool}: ${problem}`);
if (broken.length > SHOWN_PROBLEMS) console.error(`… and ${broken.length - SHOWN_PROBLEMS} more`);
const text = describeCorpus(judged);
// A part of the sets is not the table that is kept.
if (values.only === undefined && !values['no-table']) writeFileSync(join(root, 'docs', 'corpus.md'), `${text.trimEnd()}\n`);
console.log(text);
const documents = judged.reduce((total, { results }) => total + results.length, 0);
if (documents === 0) console.error('no documents were found: nothing has been checked');
process.exitCode = broken.length > 0 || documents === 0 ? 1 : 0;

/** @param {import('./sets.mjs').CorpusSet} set */
async function judgeSet(set) {
  const results = [];
  let tools = 0;
  let spoken = performance.now();
  for (const document of readDocuments(set.folder)) {
    if (performance.now() - spoken > PROGRESS_EVERY_MS) {
      spoken = performance.now();
      console.error(`${set.name}: ${results.length} documents, now ${document.name}`);
    }
    const before = tools;
    const result = await judgeDocument(document, { profiles: set.profiles, isCompiled: (tool) => (before + tool) % set.compileEvery === 0 });
    tools += result.tools;
    results.push(result);
  }
  console.error(`${set.name}: ${results.length} documents, ${tools} tools, ${results.reduce((total, { broken: theirs }) => total + theirs.length, 0)} broken promises`);
  return results;
}

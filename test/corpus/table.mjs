/** Writes the results of the corpus run as Markdown. */

/**
 * @typedef {import('./judge-document.mjs').DocumentResult} DocumentResult
 * @typedef {{ set: import('./sets.mjs').CorpusSet, results: DocumentResult[] }} SetResult
 * @param {SetResult[]} sets
 */
export function describeCorpus(sets) {
  const all = sets.flatMap(({ results }) => results);
  const rows = sets.map(({ set, results }) => describeRow(set.name, results));
  return [
    '# What real documents become',
    '',
    'Made by `npm run corpus` (test/corpus), which reads every OpenAPI document of these collections and judges the lists of tools without the',
    "compiler's own functions. It ends with exit code 1 when a promise is broken: every document loads; each operation is a tool or is skipped with a",
    'reason; every schema is valid JSON Schema 2020-12 and compiles; no reference dangles or leads out; names are unique and at most 44 characters;',
    "argument names match `^[a-zA-Z0-9_.-]{1,64}$`; every root is an object without combinators; OpenAPI's own words are gone; and the official SDKs v1",
    '(`@modelcontextprotocol/sdk`) and v2 (`@modelcontextprotocol/client`) take every list.',
    '',
    ...table(['documents of', 'documents', 'loaded', 'operations', 'tools', 'degraded', 'skipped', 'schemas compiled', 'MB of lists', 'seconds', 'broken promises'], [...rows, describeRow('**all**', all)]),
    '',
    'Degraded: listed, with each repair named in the import report. Seconds: indexing, compiling and writing the lists, in one process, without reading and',
    'parsing the documents. Of the sets whose schemas are not all compiled, every 20th tool’s is, and all are compared with the meta-schema. Documents',
    'above the default limit of 32 MiB (GitHub’s with every reference inlined, Microsoft Graph’s beta) are read with a limit of 128 MiB.',
    `Sets with ${sets.map(({ set }) => set.profiles).reduce((most, profiles) => (profiles.length > most.length ? profiles : most)).join(', ')} as client profiles were judged for each of them; figures are the default profile's.`,
    '',
    '## Where they are from',
    '',
    ...sets.map(({ set }) => `- ${set.name}: ${set.source}`),
    '',
    '## Why operations were skipped',
    '',
    ...table(['reason', 'operations'], countBy(all.flatMap(({ skipped }) => skipped.map(({ reason }) => withoutNames(reason))))),
    '',
    '## What was repaired',
    '',
    ...table(['repair', 'tools'], countBy(all.flatMap(({ repairs }) => repairs.flat()))),
    '',
    ...describeBroken(all),
  ].join('\n');
}

/** @param {string} name @param {DocumentResult[]} results */
function describeRow(name, results) {
  const sum = (/** @type {(result: DocumentResult) => number} */ of) => results.reduce((total, result) => total + of(result), 0);
  return [
    name,
    results.length,
    sum(({ isLoaded }) => (isLoaded ? 1 : 0)),
    sum(({ operations }) => operations),
    sum(({ tools }) => tools),
    sum(({ degraded }) => degraded),
    sum(({ skipped }) => skipped.length),
    sum(({ compiled }) => compiled),
    (sum(({ bytes }) => bytes) / 1e6).toFixed(1),
    sum(({ seconds }) => seconds).toFixed(2),
    sum(({ broken }) => broken.length),
  ].map(String);
}

/** @param {DocumentResult[]} results */
function describeBroken(results) {
  const broken = results.flatMap((result) => result.broken);
  if (broken.length === 0) return [];
  return ['## Broken promises', '', ...table(['problem', 'times'], countBy(broken.map(({ problem }) => withoutNames(problem)))), ''];
}

/** @param {string} text */
const withoutNames = (text) => text.replaceAll(/"[^"]*"/g, '"…"').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');

/** @param {string[]} texts @returns {string[][]} most frequent first */
function countBy(texts) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([text, count]) => [text, String(count)]);
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)];
}

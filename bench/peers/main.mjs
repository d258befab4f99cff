/**
 * `npm run bench:peers`: Gatehouse and three other converters on the same documents, each as an MCP server over stdio in a process of its
 * own, with at most 60 s and 4 GB for a document. Prints Markdown.
 *
 *   node bench/peers/main.mjs [--only CONVERTER] [--wire]      --wire: only the requests
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/checkout.mjs';
import { documentsIn, listDocument } from './judge-documents.mjs';
import { judgeWire } from './judge-wire.mjs';
import { installConverters } from './servers.mjs';
import { wireCases } from './wire-cases.mjs';

const LIMIT_MS = 60_000;
const { values } = parseArgs({ options: { only: { type: 'string' }, wire: { type: 'boolean', default: false } } });
const folder = join(root, '..', 'shared', 'openapi');
const files = values.wire || !existsSync(folder) ? [] : documentsIn(folder);
const converters = installConverters().filter(({ name }) => values.only === undefined || name === values.only);

const rows = [];
const notes = [];
for (const converter of converters) {
  const wire = await judgeWire(converter, LIMIT_MS);
  const listed = [];
  for (const file of files) {
    const result = await listDocument(converter, file, LIMIT_MS);
    console.error(`${converter.name}: ${basename(file)}: ${result.error ?? `${result.tools} tools, ${result.seconds.toFixed(1)} s`}`);
    listed.push(result);
  }
  const loaded = listed.filter(({ error }) => error === undefined);
  const sum = (/** @type {'tools' | 'rootless' | 'dangling' | 'bytes' | 'seconds'} */ member) => loaded.reduce((total, result) => total + result[member], 0);
  rows.push([
    `${converter.name} ${converter.version}`,
    `${loaded.length} of ${listed.length}`,
    sum('tools'),
    sum('rootless'),
    sum('dangling'),
    (sum('bytes') / 1e6).toFixed(1),
    sum('seconds').toFixed(1),
    `${wire.exact.length} of ${wireCases.length}`,
  ]);
  for (const { file, error } of listed) if (error !== undefined) notes.push(`- ${converter.name}, ${basename(file)}: ${error.replaceAll(root, '…')}`);
  if (wire.wrong.length > 0) notes.push(`- ${converter.name}, requests that differ: ${wire.wrong.join(', ')}`);
}
const head = ['converter', 'documents loaded', 'tools', 'root is no object', 'dangling `$ref`', 'MB of lists', 'seconds', 'requests byte-exact'];
const line = (/** @type {unknown[]} */ cells) => `| ${cells.join(' | ')} |`;
console.log([line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line), '', ...notes].join('\n'));

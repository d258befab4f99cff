/** The table of clients and checks, as Markdown, and its place in docs/interop.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/checkout.mjs';
import { CHECKS } from './checks.mjs';

const file = join(root, 'docs', 'interop.md');
const BEGIN = '<!-- begin of the table -->';
const END = '<!-- end of the table -->';

/**
 * @typedef {{ title: string, version: string, skipped?: string, outcomes?: Map<string, import('./run-client.mjs').Outcome> }} Row
 * @param {Row[]} rows
 */
export function describeTable(rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const head = line(['client', 'version', ...CHECKS]);
  const rule = line(['client', 'version', ...CHECKS].map(() => '---'));
  const body = rows.map(({ title, version, skipped, outcomes }) => line([title, version, ...CHECKS.map((check) => (skipped === undefined ? describeCell(check, outcomes?.get(check)) : 'skipped'))]));
  return [
    `Run on ${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}.`,
    '',
    head,
    rule,
    ...body,
    '',
    ...describeNotes('Skipped', rows.flatMap(({ title, skipped }) => (skipped === undefined ? [] : [`${title}: ${skipped}`]))),
    ...describeNotes('Failed', notesOf(rows, (_, { status }) => status === 'failed')),
    ...describeNotes('Not offered', notesOf(rows, (_, { status }) => status === 'not offered')),
    ...describeNotes('What a client shows when a scope is missing and signing in does not give it', shownFor(rows, 'missing scope')),
    ...describeNotes('What a client shows for an unknown tool', shownFor(rows, 'unknown tool')),
    ...describeNotes('At most, over all clients', [...slowestOf(rows, 'cancel', 'from the cancellation to the end of the call to the API'), ...slowestOf(rows, 'list changed', 'from the end of the apply to the notification')]),
  ].join('\n').trimEnd();
}

/** Puts the text between the markers. @param {string} text */
export function writeTable(text) {
  const page = readFileSync(file, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/interop.md has no "${BEGIN}" and "${END}"`);
  writeFileSync(file, `${before}${BEGIN}\n${text}\n${END}${after}`);
}

/** @param {string} check @param {import('./run-client.mjs').Outcome | undefined} outcome */
function describeCell(check, outcome) {
  if (outcome?.status === 'ok') return check === 'login' && outcome.detail ? outcome.detail : 'ok';
  return outcome?.status === 'not offered' ? 'not offered' : '**failed**';
}

/** Each reason once, with the clients and checks that it is true of. @param {Row[]} rows @param {(check: string, outcome: import('./run-client.mjs').Outcome) => boolean} isMeant */
function notesOf(rows, isMeant) {
  /** @type {Map<string, { titles: string[], checks: string[], reason: string }>} */
  const notes = new Map();
  for (const { title, outcomes } of rows) {
    const meant = [...(outcomes ?? [])].filter(([check, outcome]) => isMeant(check, outcome)).map(([check, { detail }]) => ({ check, reason: withoutKeys(detail ?? 'no reason given') }));
    for (const reason of new Set(meant.map((one) => one.reason))) {
      const checks = meant.filter((one) => one.reason === reason).map(({ check }) => check);
      const key = JSON.stringify([checks, reason]);
      const note = notes.get(key) ?? { titles: [], checks, reason };
      note.titles.push(title);
      notes.set(key, note);
    }
  }
  return [...notes.values()].map(({ titles, checks, reason }) => `${titles.join('; ')}: ${checks.length === CHECKS.length ? 'all' : checks.join(', ')}: ${reason}`);
}

/** @param {Row[]} rows @param {string} check */
function shownFor(rows, check) {
  return notesOf(rows, (one, { status }) => one === check && status === 'ok').map((note) => note.replace(`: ${check}: `, ': '));
}

/** @param {Row[]} rows @param {string} check @param {string} what its milliseconds are; an event before the span began has none */
function slowestOf(rows, check, what) {
  const details = rows.flatMap(({ outcomes }) => outcomes?.get(check) ?? []).filter(({ status }) => status === 'ok').map(({ detail }) => Number(/(\d+) ms/.exec(detail ?? '')?.[1] ?? 0));
  return details.length === 0 ? [] : [`${check}: ${Math.max(...details)} ms ${what}`];
}

/** Random keys, ports and paths of one run are not for a page. @param {string} text */
function withoutKeys(text) {
  return text
    .replaceAll(root, '…')
    .replaceAll(/key-[\w-]+/g, 'KEY')
    .replaceAll(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g, 'ID')
    .replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
    .replaceAll('|', '\\|')
    .replaceAll('<', '\\<');
}

/** @param {string} title @param {string[]} notes */
function describeNotes(title, notes) {
  return notes.length === 0 ? [] : [`**${title}**`, '', ...notes.map((note) => `- ${note}`), ''];
}

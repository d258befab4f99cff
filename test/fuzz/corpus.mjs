import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

const seeds = join(import.meta.dirname, 'seeds');
const shared = join(import.meta.dirname, '../../../shared/openapi');

/** The documents that cases are made from: ours, and the real ones where they are at hand (named by file, largest last). */
export function listSources({ isSmall = false } = {}) {
  return [seeds, ...(isSmall ? [] : [shared])].flatMap((folder) =>
    listFiles(folder)
      .filter((name) => /\.(json|ya?ml)$/.test(name) && name !== 'manifest.json' && !name.startsWith('overlay'))
      .map((name) => ({ name, file: join(folder, name), bytes: statSync(join(folder, name)).size }))
      .sort((a, b) => a.bytes - b.bytes),
  );
}

export const overlayText = () => readFileSync(join(seeds, 'overlay.yaml'), 'utf8');

function listFiles(folder) {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return [];
  }
}

const texts = new Map();

export function readSource({ file }) {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  texts.set(file, text);
  return text;
}

/** A fresh tree each time, since a case changes it. */
export function parseSource(source) {
  const text = readSource(source);
  if (source.file.endsWith('.json')) return JSON.parse(text);
  const known = `${source.file} as JSON`;
  if (!texts.has(known)) texts.set(known, JSON.stringify(load(text)));
  return JSON.parse(texts.get(known));
}

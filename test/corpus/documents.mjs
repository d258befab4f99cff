/** Finds OpenAPI documents by their content, and reads them without the library that is judged. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { load } from 'js-yaml';
import { parse as parseLeniently } from 'yaml';

/**
 * Every OpenAPI or Swagger document below a folder, one after the other (they are large).
 * @param {string} folder absolute
 * @returns {Generator<{ name: string, bytes: Buffer, root: Record<string, unknown> }>}
 */
export function* readDocuments(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /\.(json|ya?ml)$/i.test(entry.name));
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const bytes = readFileSync(file);
    const root = readData(bytes.toString(), /\.json$/i.test(file));
    if (isDocument(root)) yield { name: relative(folder, file), bytes, root };
  }
}

/** A fragment of a document has neither field. @param {unknown} root */
export function isDocument(root) {
  return isObject(root) && ['openapi', 'swagger'].some((field) => ['string', 'number'].includes(typeof root[field]));
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {string} text @param {boolean} isJson */
function readData(text, isJson) {
  if (isJson) return JSON.parse(text);
  try {
    return load(text, { json: true });
  } catch {
    return parseLeniently(text, { strict: false, uniqueKeys: false, logLevel: 'silent' });
  }
}

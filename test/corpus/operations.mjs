/** Counts a document's operations as the OpenAPI Specification defines them, without the library that is judged. */
import { isObject } from './documents.mjs';

/** Fixed fields of a Path Item Object that hold an operation (3.2: `query`). */
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * A path whose item cannot be read counts once: that is what its report names.
 * @param {Record<string, unknown>} root
 */
export function countOperations(root) {
  let count = 0;
  for (const [path, written] of Object.entries(isObject(root.paths) ? root.paths : {})) {
    if (path.startsWith('x-')) continue;
    const item = readPathItem(root, written);
    if (item === undefined) count += 1;
    else {
      count += methods.filter((method) => Object.hasOwn(item, method)).length;
      if (isObject(item.additionalOperations)) count += Object.keys(item.additionalOperations).length;
    }
  }
  return count;
}

/** @param {Record<string, unknown>} root @param {unknown} written @returns {Record<string, unknown> | undefined} */
function readPathItem(root, written, depth = 0) {
  if (!isObject(written) || depth > 20) return undefined;
  if (typeof written.$ref !== 'string') return written;
  const target = readPathItem(root, resolvePointer(root, written.$ref), depth + 1);
  return target === undefined ? undefined : { ...target, ...written };
}

/** @param {unknown} root @param {string} reference `#/…`; anything else leads out of the document */
function resolvePointer(root, reference) {
  if (!reference.startsWith('#/')) return undefined;
  let value = root;
  for (const token of reference.slice(2).split('/')) {
    const name = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = /** @type {Record<string, unknown>} */ (value)[name];
  }
  return value;
}

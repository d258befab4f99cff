import { isArray, isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { Repair } from '../repair.js';
import { DocumentError } from './document.error.js';
import { decodeDocument, parseDocument } from './document-text.js';
import { absoluteUrl, documentBase, splitReference } from './reference.js';

export interface ExternalLimits {
  /** Most documents; default 200. */
  readonly maxFiles?: number;
  /** Most bytes in all; default 32 MiB. */
  readonly maxBytes?: number;
  /** Longest chain of documents that lead to one another; default 16. */
  readonly maxDepth?: number;
}

export interface CollectOptions {
  /** Where the document came from (http, https or file); relative references resolve against it. */
  readonly url?: string;
  /**
   * Reads one document by its absolute URL (http, https or file). The caller decides what may be read and how (allow-list, egress
   * rules, size, time) and throws for everything else.
   */
  read(url: string): Promise<string | Uint8Array>;
  readonly limits?: ExternalLimits;
}

/** A document that a reference leads to and that was not read. `message` says why. */
export interface ExternalProblem {
  readonly url: string;
  readonly message: string;
}

export interface ExternalDocuments {
  /** Texts by absolute URL, in the order in which they were met: what `loadDocument` takes as `externals`. */
  readonly externals: ReadonlyMap<string, string>;
  readonly problems: readonly ExternalProblem[];
}

/** Reads at a time. */
const width = 8;

/**
 * Reads all documents that a document's references lead to, breadth first, bounded in number, bytes and depth. What `read` refuses
 * or is no document is a problem of that one; references to it stay unresolved (`external-ref`). Never throws for what is read.
 */
export async function collectExternals(root: JsonObject, { url, read, limits = {} }: CollectOptions): Promise<ExternalDocuments> {
  const { maxFiles = 200, maxBytes = 32 * 1024 * 1024, maxDepth = 16 } = limits;
  const externals = new Map<string, string>();
  const problems: ExternalProblem[] = [];
  const base = documentBase(root, url);
  const met = new Set([base, url === undefined ? undefined : absoluteUrl(url, undefined)].filter((known) => known !== undefined));
  let bytes = 0;
  let level = leavingReferences(root, base, met);
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (let start = 0; start < level.length; start += width) {
      const batch = level.slice(start, start + width);
      const texts = await Promise.all(batch.map((target) => (depth > maxDepth || externals.size + problems.length >= maxFiles || bytes >= maxBytes ? limitReached() : readOne(read, target))));
      for (const [index, target] of batch.entries()) {
        const outcome = texts[index];
        if (outcome === undefined || 'problem' in outcome || externals.size >= maxFiles) {
          problems.push({ url: target, message: outcome !== undefined && 'problem' in outcome ? outcome.problem : overLimit });
          continue;
        }
        bytes += Buffer.byteLength(outcome.text);
        if (bytes > maxBytes) problems.push({ url: target, message: overLimit });
        else {
          externals.set(target, outcome.text);
          next.push(...leavingReferences(outcome.root, documentBase(outcome.root, target), met));
        }
      }
    }
    level = next;
  }
  return { externals, problems };
}

type Outcome = { readonly text: string; readonly root: JsonObject } | { readonly problem: string };
const overLimit = 'The limit on external documents is reached.';
const limitReached = async (): Promise<Outcome> => ({ problem: overLimit });

async function readOne(read: CollectOptions['read'], url: string): Promise<Outcome> {
  if (!/^(https?|file):/.test(url)) return { problem: 'Only http, https and file addresses are read.' };
  let text: string;
  try {
    text = decodeDocument(await read(url));
  } catch (error) {
    // Whatever the reader throws means that it does not give this document.
    return { problem: error instanceof Error ? error.message : 'It was not read.' };
  }
  try {
    return { text, root: parseDocument(text) };
  } catch (error) {
    if (error instanceof DocumentError) return { problem: error.message };
    throw error;
  }
}

/** The documents that references of this one lead to and that were not met before, in the order of the text. */
function leavingReferences(root: JsonObject, base: string | undefined, met: Set<string>): string[] {
  const found: string[] = [];
  forEachReference(root, (reference) => {
    const { uri } = splitReference(reference);
    const absolute = uri === '' ? undefined : absoluteUrl(uri, base);
    if (absolute === undefined || met.has(absolute)) return;
    met.add(absolute);
    found.push(absolute);
  });
  return found;
}

/** Parses external documents and makes their references absolute, so that each means the same wherever it is read. */
export function readExternals(texts: ReadonlyMap<string, string>, notes: Repair[]): ReadonlyMap<string, JsonObject> {
  const documents = new Map<string, JsonObject>();
  for (const [key, text] of texts) {
    const url = absoluteUrl(key, undefined);
    try {
      if (url !== undefined) documents.set(url, absolutise(parseDocument(decodeDocument(text)), url));
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      notes.push({ code: 'external-ref', at: '', message: `The external document ${key.slice(0, 200)} cannot be read: ${error.message}` });
    }
  }
  return documents;
}

function absolutise(root: JsonObject, url: string): JsonObject {
  const base = documentBase(root, url);
  forEachReference(root, (reference, holder, member) => {
    const { uri, fragment } = splitReference(reference);
    const absolute = uri === '' ? url : absoluteUrl(uri, base);
    // The tree was parsed here and belongs to nobody else yet.
    if (absolute !== undefined) (holder as Record<string, JsonValue>)[member] = `${absolute}#${fragment}`;
  });
  return root;
}

/** Places of data, in which a `$ref` is no reference. */
const dataMembers = new Set(['example', 'examples', 'default', 'enum', 'const']);

/** Visits every `$ref`, `$dynamicRef` and discriminator mapping that names a place; each object once, at any depth. */
function forEachReference(root: JsonObject, visit: (reference: string, holder: JsonObject, member: string) => void): void {
  const seen = new Set<object>();
  const pending: { node: JsonValue; isMap: boolean }[] = [{ node: root, isMap: false }];
  for (const { node, isMap } of pending) {
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (isArray(node)) {
      for (const item of node) pending.push({ node: item, isMap: false });
      continue;
    }
    for (const member of isMap ? [] : ['$ref', '$dynamicRef']) {
      const reference = ownString(node, member);
      if (reference !== undefined) visit(reference, node, member);
    }
    visitMapping(node, visit);
    for (const [member, child] of Object.entries(node)) {
      if (isMap || !dataMembers.has(member)) pending.push({ node: child, isMap: !isMap && (member === 'properties' || member === 'patternProperties') });
    }
  }
}

function visitMapping(node: JsonObject, visit: (reference: string, holder: JsonObject, member: string) => void): void {
  const discriminator = own(node, 'discriminator');
  const mapping = isObject(discriminator) ? own(discriminator, 'mapping') : undefined;
  for (const [value, target] of isObject(mapping) ? Object.entries(mapping) : []) {
    // A bare name is one of `components.schemas`; only what looks like an address is one.
    if (isObject(mapping) && typeof target === 'string' && /[#/]/.test(target)) visit(target, mapping, value);
  }
}

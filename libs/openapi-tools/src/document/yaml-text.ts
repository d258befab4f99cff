import { CORE_SCHEMA, load, Type, YAMLException } from 'js-yaml';
import { parseDocument } from 'yaml';
import { DocumentError } from './document.error.js';

/** YAML 1.2 core (dates and `on`/`yes` stay text) plus merge keys, which real documents use. */
const schema = CORE_SCHEMA.extend({
  implicit: [new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (data: unknown) => data === '<<' })],
});

/** Faults after which the `yaml` package still understood the whole document; bad indentation is none: members move. */
const forgivable = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED', 'BAD_DIRECTIVE']);
const lenientLimit = 8 * 1024 * 1024;

/**
 * Reads YAML leniently: duplicate keys (the last wins), integer keys, and (unless it looks like JSON) tabs and unknown tags. Aliases share one object and are
 * bounded by {@link checkSharing}. Throws DocumentError `syntax` with line and column, or `too_complex`.
 */
export function parseYaml(text: string): unknown {
  const value = parseText(text);
  if (text.includes('*')) checkSharing(value);
  return value;
}

function parseText(text: string): unknown {
  try {
    return load(text, { schema, json: true });
  } catch (error) {
    if (error instanceof RangeError) throw new DocumentError('too_complex', 'The document is nested too deeply.', { cause: error });
    if (!(error instanceof YAMLException)) throw error;
    const lenient = /^\s*[[{]/.test(text) || text.length > lenientLimit ? undefined : parseLeniently(text);
    if (lenient !== undefined) return lenient;
    const { line, column } = error.mark ?? { line: 0, column: 0 };
    throw new DocumentError(
      'syntax',
      `The document is neither JSON nor YAML: ${error.reason} (line ${line + 1}, column ${column + 1}).`,
      { cause: error },
    );
  }
}

/** Tabs as indentation are taken as two spaces each; what then still fails is left to the `yaml` package. */
function parseLeniently(text: string): unknown {
  const indented = text.replace(/^[ \t]*\t[ \t]*/gm, (indent) => indent.replaceAll('\t', '  '));
  try {
    if (indented !== text) return load(indented, { schema, json: true });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
  }
  try {
    const document = parseDocument(indented, { strict: false, uniqueKeys: false, merge: true, resolveKnownTags: false, logLevel: 'silent' });
    if (!document.errors.every((error) => forgivable.has(error.code))) return undefined;
    const value: unknown = document.toJS({ maxAliasCount: 1_000 });
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // The strict reader's error, which names line and column, is the better answer.
    return undefined;
  }
}

/** Aliases make a graph; walking it as a tree must stay finite and near the document's own size. */
export function checkSharing(root: unknown): void {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  const pending: { node: object; children: readonly object[]; next: number; size: number }[] = [];
  const enter = (node: object): void => {
    if (open.has(node)) throw new DocumentError('too_complex', 'The document contains a YAML alias to its own parent.');
    open.add(node);
    const values: unknown[] = Object.values(node);
    pending.push({ node, children: values.filter((value) => typeof value === 'object' && value !== null), next: 0, size: values.length + 1 });
  };
  if (typeof root === 'object' && root !== null) enter(root);
  for (let frame = pending.at(-1); frame !== undefined; frame = pending.at(-1)) {
    const child = frame.children[frame.next];
    if (child === undefined) {
      pending.pop();
      open.delete(frame.node);
      sizes.set(frame.node, frame.size);
      const parent = pending.at(-1);
      if (parent) parent.size += frame.size;
      continue;
    }
    frame.next += 1;
    const known = sizes.get(child);
    if (known === undefined) enter(child);
    else frame.size += known;
    if (frame.size > 5_000_000) throw new DocumentError('too_complex', 'The document expands to too many nodes through YAML aliases.');
  }
}

import type { DocumentPrompt } from '../operation/document-prompts.js';
import type { OperationChange } from './diff-documents.js';
import { suspicionOf } from './suspicious-text.js';

/** What a new revision of a document changes in its prompts, matched by name: what a model reads is approved like the description of a tool. */
export function diffPrompts(before: readonly DocumentPrompt[], after: readonly DocumentPrompt[]): readonly OperationChange[] {
  const old = new Map(before.map((prompt) => [prompt.name, prompt]));
  const kept = new Set(after.map(({ name }) => name));
  const removed = before.filter(({ name }) => !kept.has(name)).map(({ name }) => change(name, 'removed', 'The prompt is gone.'));
  return [...removed, ...after.flatMap((prompt) => compare(old.get(prompt.name), prompt))];
}

function compare(before: DocumentPrompt | undefined, after: DocumentPrompt): readonly OperationChange[] {
  const { name } = after;
  const known = new Set(before ? textsOf(before) : []);
  const suspicions = textsOf(after).filter((text) => !known.has(text)).flatMap((text) => suspicionOf(text) ?? []);
  const suspicious = suspicions.map((why) => change(name, 'suspicious', `A text ${why}.`));
  if (!before) return [change(name, 'added', 'The prompt is new.'), ...suspicious];
  const isSame = JSON.stringify(before) === JSON.stringify(after);
  return [...(isSame ? [] : [change(name, 'description', 'The prompt changed.')]), ...suspicious];
}

const textsOf = ({ title, description, text, arguments: args }: DocumentPrompt): readonly string[] => [title ?? '', description, text, ...args.map((argument) => argument.description ?? '')];

const change = (name: string, kind: OperationChange['kind'], detail: string): OperationChange => ({ operation: `prompt ${name}`, tool: name, kind, details: [detail] });

import type { ApiDocument } from '../document/load-document.js';
import { isArray, isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';
import { RepairList, type Repair } from '../repair.js';
import { cleanText } from '../schema/invisible-text.js';

export interface PromptArgument {
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
}

/** A prompt that a document offers for its API, under `x-mcp.prompts` at its root. */
export interface DocumentPrompt {
  /** Unique in the document; a letter, then letters, digits and `_`, 40 at most. */
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** Its text, in which `{name}` stands for the argument of that name; other braces are text. */
  readonly text: string;
}

export interface DocumentPrompts {
  readonly prompts: readonly DocumentPrompt[];
  /** A prompt that was left out, or text that was cleaned; named by its place. */
  readonly notes: readonly Repair[];
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const MOST_PROMPTS = 100;
const MOST_ARGUMENTS = 20;
const LONGEST_TEXT = 20_000;
const LONGEST_DESCRIPTION = 4_096;

/** The prompts of a document. One that is wrong is left out with a note, the others are not affected. Never throws. */
export function readPrompts({ root }: Pick<ApiDocument, 'root'>): DocumentPrompts {
  const extension = own(root, 'x-mcp');
  const written = isObject(extension) ? own(extension, 'prompts') : undefined;
  const notes = new RepairList();
  if (written === undefined) return { prompts: [], notes: notes.toArray() };
  if (!isArray(written)) notes.add('invalid-override', '/x-mcp/prompts', 'The prompts are no list; there are none.');
  const prompts = new Map<string, DocumentPrompt>();
  for (const [index, value] of (isArray(written) ? written : []).entries()) {
    const at = `/x-mcp/prompts/${index}`;
    const read = prompts.size < MOST_PROMPTS ? readPrompt(value, at, notes) : `there are more than ${MOST_PROMPTS}`;
    const problem = typeof read === 'string' ? read : prompts.has(read.name) ? `the name "${read.name}" is taken` : undefined;
    if (typeof read !== 'string' && problem === undefined) prompts.set(read.name, read);
    else notes.add('invalid-override', at, `The prompt was left out: ${problem}.`);
  }
  return { prompts: [...prompts.values()], notes: notes.toArray() };
}

/** The prompt's text for these arguments; one that is not given stands for nothing. */
export function fillPrompt({ text, arguments: known }: DocumentPrompt, args: Readonly<Record<string, string>>): string {
  const names = new Set(known.map(({ name }) => name));
  return text.replace(/\{([A-Za-z][A-Za-z0-9_]*)\}/g, (written, name: string) => (names.has(name) ? (Object.hasOwn(args, name) ? (args[name] ?? '') : '') : written));
}

/** @returns why it cannot be one */
function readPrompt(value: JsonValue, at: string, notes: RepairList): DocumentPrompt | string {
  if (!isObject(value)) return 'it is not an object';
  const unknown = Object.keys(value).find((key) => !['name', 'title', 'description', 'arguments', 'text'].includes(key));
  if (unknown !== undefined) return `it has "${unknown}", which prompts do not have`;
  const [name, title, description, text] = ['name', 'title', 'description', 'text'].map((key) => ownString(value, key));
  if (name === undefined || !NAME.test(name)) return 'its name is not a letter with letters, digits and "_", 40 at most';
  if (description === undefined || description.length > LONGEST_DESCRIPTION) return `its description is no text of at most ${LONGEST_DESCRIPTION} characters`;
  if (text === undefined || text === '' || text.length > LONGEST_TEXT) return `its text is no text of at most ${LONGEST_TEXT} characters`;
  const args = readArguments(own(value, 'arguments') ?? [], at, notes);
  if (typeof args === 'string') return args;
  const clean = (written: string, member: string): string => cleanText(written, `${at}/${member}`, notes);
  return { name, ...(title === undefined ? {} : { title: clean(title, 'title') }), description: clean(description, 'description'), arguments: args, text: clean(text, 'text') };
}

function readArguments(value: JsonValue, at: string, notes: RepairList): readonly PromptArgument[] | string {
  if (!isArray(value) || value.length > MOST_ARGUMENTS) return `its arguments are no list of at most ${MOST_ARGUMENTS}`;
  const args = new Map<string, PromptArgument>();
  for (const [index, item] of value.entries()) {
    const argument = isObject(item) ? readArgument(item, `${at}/arguments/${index}`, notes) : undefined;
    if (argument === undefined || args.has(argument.name)) return `its argument ${index + 1} has no name of its own, or a member of another type`;
    args.set(argument.name, argument);
  }
  return [...args.values()];
}

function readArgument(item: JsonObject, at: string, notes: RepairList): PromptArgument | undefined {
  const [name, description] = [ownString(item, 'name'), own(item, 'description')];
  const required = own(item, 'required') ?? false;
  if (name === undefined || !NAME.test(name) || typeof required !== 'boolean') return undefined;
  if (description === undefined) return { name, required };
  return typeof description === 'string' && description.length <= LONGEST_DESCRIPTION ? { name, description: cleanText(description, `${at}/description`, notes), required } : undefined;
}

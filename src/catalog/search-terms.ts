import type { CompiledOperation } from '@gatehouse-mcp/openapi-tools';

/** What a search knows of one tool: its distinct terms, how much each counts, and their sum. */
export interface SearchTerms {
  readonly terms: readonly string[];
  readonly weights: Float32Array;
  readonly length: number;
}

/** How much a word counts in each place: a name says what a tool does, a description also what it does not. */
const WEIGHTS = { name: 4, title: 3, tag: 2, path: 2, argument: 1, description: 1 } as const;

/** Words of one text that are read, and characters of one word: no document makes an index large. */
const MOST_WORDS = 256;
const LONGEST_WORD = 32;

/** What a tool says of itself, as far as a search reads it. */
export interface SearchedTexts {
  /** As it is listed. */
  readonly name: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Method and path of an operation. */
  readonly key: string;
  readonly arguments: readonly string[];
  readonly description: string;
}

/** @param name as it is listed */
export function searchTermsOf(name: string, { operation: { title, tags, key, description }, argumentNames }: CompiledOperation): SearchTerms {
  return readSearchTerms({ name, title, tags, key, arguments: argumentNames, description });
}

export function readSearchTerms({ name, title, tags, key, arguments: args, description }: SearchedTexts): SearchTerms {
  const counted = new Map<string, number>();
  const count = (text: string, weight: number) => {
    for (const term of splitWords(text)) counted.set(term, (counted.get(term) ?? 0) + weight);
  };
  count(name, WEIGHTS.name);
  count(title, WEIGHTS.title);
  for (const tag of tags) count(tag, WEIGHTS.tag);
  count(key, WEIGHTS.path);
  for (const argument of args) count(argument, WEIGHTS.argument);
  count(description, WEIGHTS.description);
  const weights = Float32Array.from(counted.values());
  return { terms: [...counted.keys()], weights, length: weights.reduce((sum, weight) => sum + weight, 0) };
}

/**
 * The words of a text in lower case and singular: `listOrders`, `list_orders` and `/list/orders` are `list`, `order`. The same words for a
 * tool and for a query.
 */
export function splitWords(text: string): readonly string[] {
  const words = text
    .replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, '$1 ')
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  return (words ?? []).slice(0, MOST_WORDS).map((word) => singular(word.toLowerCase().slice(0, LONGEST_WORD)));
}

/** Only what English plurals have in common; `status`, `address` and `this` stay. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.length > 3 && /[^siu]s$/.test(word) ? word.slice(0, -1) : word;
}

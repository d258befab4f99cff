import type { RepairList } from '../repair.js';
import { stripInvisible } from './plain-text.js';

/** A text for people and models, without what only models would see. */
export function cleanText(text: string, at: string, repairs: RepairList): string {
  const { text: clean, isChanged } = stripInvisible(text);
  if (isChanged) repairs.add('invisible-characters', at, 'The text has invisible characters; they were removed.');
  return clean;
}

/** Names and values are data: the upstream needs them as they are, the administrator needs to know. */
export function reportInvisible(data: string, at: string, repairs: RepairList): void {
  if (stripInvisible(data).isChanged) repairs.add('invisible-characters', at, 'A name or value has invisible characters; it was kept, as it is data.');
}

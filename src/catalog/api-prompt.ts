import { fillPrompt, type DocumentPrompt } from '@gatehouse-mcp/openapi-tools';
import { NativePrompt } from './native/native.entry.js';

/** A prompt of an API's document as an entry: its text, filled in. @param api stands before its name, as before the names of the API's tools */
export function toPromptEntry(api: string, prompt: DocumentPrompt): NativePrompt {
  const { name, title, description, arguments: args } = prompt;
  // The entry has checked that each argument is a text.
  return new NativePrompt(api, { name, description, arguments: args, ...(title === undefined ? {} : { title }) }, (input) => fillPrompt(prompt, input as Readonly<Record<string, string>>));
}

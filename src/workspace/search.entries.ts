import { z } from 'zod';
import { NativeEntries, Tool } from '../catalog/native/native.decorators.js';
import type { NativeCall } from '../catalog/native/native.definitions.js';
import { page, toPage, words } from './workspace.inputs.js';
import { KINDS } from './workspace.rows.js';
import { findWords } from './workspace.search.js';

const search = z.strictObject({ words, kinds: z.array(z.enum(KINDS)).min(1).max(KINDS.length).default([...KINDS]), ...page, limit: z.int().min(1).max(50).default(20) });

@NativeEntries('workspace')
export class SearchEntries {
  @Tool({
    name: 'search',
    title: 'Search the workspace',
    description: 'Your projects, todos, documents and attachments that have all these words in their titles or texts, the best first. "a phrase", or, and -word do what they do in web searches.',
    input: search,
    annotations: { readOnlyHint: true },
  })
  async search(input: z.output<typeof search>, call: NativeCall) {
    return toPage(await call.database((query) => findWords(query, { ...input, kinds: [...new Set(input.kinds)] })), input);
  }
}

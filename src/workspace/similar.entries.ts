import { z } from 'zod';
import { NativeEntries, Tool } from '../catalog/native/native.decorators.js';
import type { NativeCall } from '../catalog/native/native.definitions.js';
import { EmbeddingsClient } from './embeddings.client.js';
import { countUnread, findNearest, findUnread, keepVectors } from './vector.rows.js';
import { text } from './workspace.inputs.js';
import { uriOf } from './workspace.rows.js';

/** Most documents whose vectors are made in one search. */
const MOST_UNREAD = 32;

const search = z.strictObject({ text: text(2_000).min(1), limit: z.int().min(1).max(50).default(10) });

@NativeEntries('workspace')
export class SimilarEntries {
  constructor(private readonly embeddings: EmbeddingsClient) {}

  @Tool({
    name: 'search_similar',
    title: 'Search documents by meaning',
    description: `Your documents whose meaning is nearest to a text, whatever their words are. New and changed ones are read first, ${MOST_UNREAD} at most; pending says how many are left for the next search.`,
    input: search,
    annotations: { readOnlyHint: true, openWorldHint: true },
  })
  async searchSimilar(input: z.output<typeof search>, call: NativeCall) {
    const { model, characters } = this.embeddings;
    const unread = await call.database((query) => findUnread(query, model, { characters, limit: MOST_UNREAD }));
    // No transaction waits for the endpoint.
    const [wanted = [], ...vectors] = await this.embeddings.embed(call, [input.text, ...unread.map((document) => document.text)]);
    return call.database(async (query) => {
      const kind = { model, dimensions: wanted.length };
      await keepVectors(query, kind, unread, vectors);
      const [nearest, pending] = [await findNearest(query, kind, wanted, input.limit), await countUnread(query, model)];
      return { items: nearest.map((row) => ({ ...row, uri: uriOf('documents', row['id']) })), pending };
    });
  }
}

// Notes of each user: a tool that writes, one that searches, one that asks an API, a resource for each note, and a prompt.
// The walls are the gateway's: another user's rows are not there, whatever a statement says.

import type { Native } from '../../src/catalog/native/native.functions.ts';

export default ({ defineEntries, tool, resource, prompt, NotFound, z }: Native) =>
  defineEntries(
    'notes',
    [
      tool(
        {
          name: 'add',
          description: 'Keeps a note of yours.',
          input: z.strictObject({ title: z.string().min(1).max(200), text: z.string().max(20_000) }),
          annotations: { destructiveHint: false },
        },
        async ({ title, text }, call) => {
          const [note] = await call.database((query) => query('INSERT INTO notes_notes (title, text) VALUES ($1, $2) RETURNING id, title', [title, text]));
          return { ...note, uri: `notes://${String(note?.['id'])}` };
        },
      ),
      tool(
        {
          name: 'search',
          description: 'Your notes that have these words, the best first.',
          input: z.strictObject({ words: z.string().min(1) }),
          annotations: { readOnlyHint: true },
        },
        async ({ words }, call) => {
          const notes = await call.database((query) =>
            query(
              `SELECT id, title FROM notes_notes WHERE search @@ websearch_to_tsquery('simple', $1)
               ORDER BY ts_rank(search, websearch_to_tsquery('simple', $1)) DESC, id LIMIT 20`,
              [words],
            ),
          );
          return { notes };
        },
      ),
      resource({ name: 'note', description: 'A note of yours.', uri: 'notes://{id}', mimeType: 'text/plain' }, async ({ id }, call) => {
        const [note] = await call.database((query) => query('SELECT title, text FROM notes_notes WHERE id::text = $1', [id]));
        if (!note) throw new NotFound();
        return `${String(note['title'])}\n\n${String(note['text'])}`;
      }),
      prompt(
        { name: 'summarise', description: 'Sums up what you noted about a subject.', arguments: [{ name: 'subject', required: true }] },
        ({ subject }) => `Search my notes for "${subject}", read those that fit, and sum them up in five sentences.`,
      ),
    ],
    {
      migrations: [
        `CREATE TABLE notes_notes (
           id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
           title text NOT NULL,
           text text NOT NULL,
           search tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || text)) STORED,
           created_at timestamptz NOT NULL DEFAULT now()
         );
         CREATE INDEX ON notes_notes USING gin (search)`,
      ],
      personal: ['notes_notes'],
    },
  );

import type { Query } from '../catalog/native/native.definitions.js';
import { KINDS, uriOf, type Kind, type Row } from './workspace.rows.js';

/** What a row's words are found in, beside its title. */
const TEXTS: Readonly<Record<Kind, { readonly title: string; readonly text: string }>> = {
  projects: { title: 'title', text: 'description' },
  todos: { title: 'title', text: 'notes' },
  documents: { title: 'title', text: 'text' },
  attachments: { title: 'name', text: `''` },
};

interface Wanted {
  readonly words: string;
  readonly kinds: readonly Kind[];
  readonly limit: number;
  readonly offset: number;
}

/** The caller's own rows that have these words, as web searches take them (`"a phrase"`, `or`, `-not`), the best first; one more than the limit. */
export async function findWords(query: Query, { words, kinds, limit, offset }: Wanted): Promise<readonly Row[]> {
  const parts = kinds.map((kind) => `SELECT '${kind}' AS kind, id, ${TEXTS[kind].title} AS title, ${TEXTS[kind].text} AS text, ts_rank(search, wanted) AS rank FROM workspace_${kind}, asked WHERE search @@ wanted`);
  const rows = await query(
    `WITH asked AS MATERIALIZED (SELECT websearch_to_tsquery('simple', $1) AS wanted),
       best AS (SELECT * FROM (${parts.join(' UNION ALL ')}) found ORDER BY rank DESC, id LIMIT $2 OFFSET $3)
     SELECT kind, id, title, ts_headline('simple', text, wanted, 'MaxWords=25, MinWords=10, StartSel="", StopSel=""') AS snippet FROM best, asked ORDER BY rank DESC, id`,
    [words, limit + 1, offset],
  );
  return rows.map(describe);
}

function describe({ kind, id, ...row }: Row): Row {
  const found = KINDS.find((one) => one === kind);
  return { kind: String(kind).slice(0, -1), id, ...row, ...(found === undefined || found === 'todos' ? {} : { uri: uriOf(found, id) }) };
}

import { z } from 'zod';
import { NativeEntries, Resource, Tool } from '../catalog/native/native.decorators.js';
import type { NativeCall } from '../catalog/native/native.definitions.js';
import { id, page, text, title, toPage } from './workspace.inputs.js';
import { assertOwn, MOST_ATTACHED, projectUris, readId, resourceRow, suggestIds, theOne, uriOf, WorkspaceRows } from './workspace.rows.js';

const COLUMNS = 'id, project, title, length(text) AS characters, version, created_at AS "createdAt", updated_at AS "updatedAt"';
/** So that the words of a text fit into one index entry, which has 1 MB. */
const LONGEST = 100_000;

const writing = z.strictObject({ document: id.optional(), title: title.optional(), text: text(LONGEST), project: id.nullable().optional() });
const one = z.strictObject({ document: id });
const filter = z.strictObject({ project: id.optional(), ...page });

@NativeEntries('workspace')
export class DocumentEntries {
  constructor(private readonly rows: WorkspaceRows) {}

  @Tool({
    name: 'write_document',
    title: 'Write a document',
    description: 'Writes a document of yours in Markdown: a new one, or with document: the whole text of one that there is. A new one needs a title.',
    input: writing.refine((input) => input.document !== undefined || input.title !== undefined, { path: ['title'], message: 'a new document needs one' }),
  })
  async write({ document, ...input }: z.output<typeof writing>, call: NativeCall) {
    const [written = {}, before = {}] = await this.rows.write(call, async (query) => {
      await assertOwn(query, 'projects', input.project);
      if (document === undefined) return query(`INSERT INTO workspace_documents (title, text, project) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`, [input.title, input.text, input.project ?? null]);
      const old = theOne(await query('SELECT project FROM workspace_documents WHERE id = $1 FOR UPDATE', [document]), 'documents');
      const rows = await query(
        `WITH changed AS (
           UPDATE workspace_documents SET title = coalesce($2, title), text = $3, project = CASE WHEN $4 THEN $5::uuid ELSE project END, version = version + 1, updated_at = now()
           WHERE id = $1 RETURNING *
         ) SELECT ${COLUMNS} FROM changed`,
        [document, input.title ?? null, input.text, input.project !== undefined, input.project ?? null],
      );
      return [theOne(rows, 'documents'), old];
    });
    const uri = uriOf('documents', written['id']);
    await this.rows.announce(call, ...(document === undefined ? [] : [uri]), ...projectUris(written['project'], before['project']));
    return { ...written, uri };
  }

  @Tool({ name: 'read_document', title: 'Read a document', description: 'A document of yours: its text, and what is attached to it.', input: one, annotations: { readOnlyHint: true } })
  async read({ document }: z.output<typeof one>, call: NativeCall) {
    return call.database(async (query) => {
      const found = theOne(await query(`SELECT ${COLUMNS}, text FROM workspace_documents WHERE id = $1`, [document]), 'documents');
      const attachments = await query(`SELECT id, name, media_type AS "mediaType", size FROM workspace_attachments WHERE document = $1 ORDER BY created_at, id LIMIT ${MOST_ATTACHED}`, [document]);
      return { ...found, attachments: attachments.map((row) => ({ ...row, uri: uriOf('attachments', row['id']) })) };
    });
  }

  @Tool({ name: 'list_documents', title: 'List documents', description: 'Your documents without their texts, the last changed first; of one project, or all.', input: filter, annotations: { readOnlyHint: true } })
  async list(input: z.output<typeof filter>, call: NativeCall) {
    const rows = await call.database((query) =>
      query(`SELECT ${COLUMNS} FROM workspace_documents WHERE ($1::uuid IS NULL OR project = $1) ORDER BY updated_at DESC, id LIMIT $2 OFFSET $3`, [input.project ?? null, input.limit + 1, input.offset]),
    );
    return toPage(rows, input);
  }

  @Tool({ name: 'delete_document', title: 'Delete a document', description: 'Deletes a document of yours and what is attached to it.', input: one, annotations: { destructiveHint: true } })
  async delete({ document }: z.output<typeof one>, call: NativeCall) {
    const [gone, attachments] = await call.database(async (query) => {
      const attached = await query('SELECT id FROM workspace_attachments WHERE document = $1', [document]);
      const rows = await query('WITH gone AS (DELETE FROM workspace_documents WHERE id = $1 RETURNING title, project) SELECT title, project FROM gone', [document]);
      return [theOne(rows, 'documents'), attached];
    });
    await this.rows.announce(call, uriOf('documents', document), ...attachments.map((row) => uriOf('attachments', row['id'])), ...projectUris(gone['project']));
    return `Deleted the document "${String(gone['title'])}".`;
  }

  @Resource({ name: 'document', description: 'The text of a document of yours.', uri: 'workspace://documents/{id}', mimeType: 'text/markdown', complete: { id: suggestIds('documents') } })
  async resource(variables: Readonly<Record<string, string>>, call: NativeCall) {
    const document = readId(variables['id']);
    const found = resourceRow(await call.database((query) => query('SELECT title, text FROM workspace_documents WHERE id = $1', [document])));
    return `# ${String(found['title'])}\n\n${String(found['text'])}`;
  }
}

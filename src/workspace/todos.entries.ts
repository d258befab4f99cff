import { z } from 'zod';
import { NativeEntries, Tool } from '../catalog/native/native.decorators.js';
import type { NativeCall } from '../catalog/native/native.definitions.js';
import { id, page, text, title, toPage } from './workspace.inputs.js';
import { assertOwn, projectUris, theOne, WorkspaceRows } from './workspace.rows.js';

const COLUMNS = 'id, project, title, notes, due::text AS due, done, created_at AS "createdAt", updated_at AS "updatedAt"';

const notes = text(10_000);
/** PostgreSQL has no year 0. */
const due = z.iso.date().refine((day) => !day.startsWith('0000'), 'has no such year');
const addition = z.strictObject({ title, notes: notes.default(''), due: due.optional(), project: id.optional() });
const filter = z.strictObject({ project: id.optional(), done: z.boolean().optional(), dueBefore: due.optional(), ...page });
const one = z.strictObject({ todo: id });
const update = z.strictObject({ todo: id, title: title.optional(), notes: notes.optional(), done: z.boolean().optional(), due: due.nullable().optional(), project: id.nullable().optional() });

@NativeEntries('workspace')
export class TodoEntries {
  constructor(private readonly rows: WorkspaceRows) {}

  @Tool({ name: 'add_todo', title: 'Add a todo', description: 'Adds a todo of yours, to one of your projects or to none.', input: addition, annotations: { destructiveHint: false } })
  async add(input: z.output<typeof addition>, call: NativeCall) {
    const [todo = {}] = await this.rows.write(call, async (query) => {
      await assertOwn(query, 'projects', input.project);
      return query(`INSERT INTO workspace_todos (title, notes, due, project) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`, [input.title, input.notes, input.due ?? null, input.project ?? null]);
    });
    await this.rows.announce(call, ...projectUris(todo['project']));
    return todo;
  }

  @Tool({ name: 'list_todos', title: 'List todos', description: 'Your todos, the open ones first, by their due date; of one project, open or done, or due before a day.', input: filter, annotations: { readOnlyHint: true } })
  async list(input: z.output<typeof filter>, call: NativeCall) {
    const rows = await call.database((query) =>
      query(
        `SELECT ${COLUMNS} FROM workspace_todos
         WHERE ($1::uuid IS NULL OR project = $1) AND ($2::boolean IS NULL OR done = $2) AND ($3::date IS NULL OR due < $3)
         ORDER BY done, due, created_at, id LIMIT $4 OFFSET $5`,
        [input.project ?? null, input.done ?? null, input.dueBefore ?? null, input.limit + 1, input.offset],
      ),
    );
    return toPage(rows, input);
  }

  @Tool({ name: 'update_todo', title: 'Change or complete a todo', description: 'Changes a todo of yours: done: true completes it; due: null and project: null take these away; what is not given stays.', input: update, annotations: { idempotentHint: true } })
  async update({ todo, ...input }: z.output<typeof update>, call: NativeCall) {
    const [before, changed] = await this.rows.write(call, async (query) => {
      await assertOwn(query, 'projects', input.project);
      const old = theOne(await query('SELECT project FROM workspace_todos WHERE id = $1 FOR UPDATE', [todo]), 'todos');
      const rows = await query(
        `WITH changed AS (
           UPDATE workspace_todos SET title = coalesce($2, title), notes = coalesce($3, notes), done = coalesce($4, done),
             due = CASE WHEN $5 THEN $6::date ELSE due END, project = CASE WHEN $7 THEN $8::uuid ELSE project END, updated_at = now()
           WHERE id = $1 RETURNING *
         ) SELECT ${COLUMNS} FROM changed`,
        [todo, input.title ?? null, input.notes ?? null, input.done ?? null, input.due !== undefined, input.due ?? null, input.project !== undefined, input.project ?? null],
      );
      return [old, theOne(rows, 'todos')];
    });
    await this.rows.announce(call, ...projectUris(before['project'], changed['project']));
    return changed;
  }

  @Tool({ name: 'delete_todo', title: 'Delete a todo', description: 'Deletes a todo of yours.', input: one, annotations: { destructiveHint: true } })
  async delete({ todo }: z.output<typeof one>, call: NativeCall) {
    const rows = await call.database((query) => query('WITH gone AS (DELETE FROM workspace_todos WHERE id = $1 RETURNING title, project) SELECT title, project FROM gone', [todo]));
    const gone = theOne(rows, 'todos');
    await this.rows.announce(call, ...projectUris(gone['project']));
    return `Deleted the todo "${String(gone['title'])}".`;
  }
}

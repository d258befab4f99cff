import { z } from 'zod';
import { NativeEntries, Resource, Tool } from '../catalog/native/native.decorators.js';
import type { NativeCall, Query } from '../catalog/native/native.definitions.js';
import { id, page, text, title, toPage } from './workspace.inputs.js';
import { readId, resourceRow, suggestIds, theOne, uriOf, WorkspaceRows, type Row } from './workspace.rows.js';

const COLUMNS = 'id, title, description, created_at AS "createdAt", updated_at AS "updatedAt"';
/** Most todos that are shown with their project. */
const MOST_TODOS = 200;

const description = text(10_000);
const creation = z.strictObject({ title, description: description.default('') });
const list = z.strictObject(page);
const one = z.strictObject({ project: id });
const update = z.strictObject({ project: id, title: title.optional(), description: description.optional() });

@NativeEntries('workspace')
export class ProjectEntries {
  constructor(private readonly rows: WorkspaceRows) {}

  @Tool({ name: 'create_project', title: 'Create a project', description: 'Creates a project of yours, which todos and documents can belong to.', input: creation, annotations: { destructiveHint: false } })
  async create(input: z.output<typeof creation>, call: NativeCall) {
    const [project = {}] = await this.rows.write(call, (query) => query(`INSERT INTO workspace_projects (title, description) VALUES ($1, $2) RETURNING ${COLUMNS}`, [input.title, input.description]));
    return withUri(project);
  }

  @Tool({ name: 'list_projects', title: 'List projects', description: 'Your projects, the last changed first, each with how many todos it has and how many of them are done.', input: list, annotations: { readOnlyHint: true } })
  async list(input: z.output<typeof list>, call: NativeCall) {
    const rows = await call.database((query) =>
      query(
        `SELECT id, title, updated_at AS "updatedAt",
           (SELECT count(*)::integer FROM workspace_todos t WHERE t.project = p.id) AS todos,
           (SELECT count(*)::integer FROM workspace_todos t WHERE t.project = p.id AND t.done) AS done
         FROM workspace_projects p ORDER BY updated_at DESC, id LIMIT $1 OFFSET $2`,
        [input.limit + 1, input.offset],
      ),
    );
    return toPage(rows, input);
  }

  @Tool({ name: 'get_project', title: 'Get a project', description: 'A project of yours with its todos and the titles of its documents.', input: one, annotations: { readOnlyHint: true } })
  async get({ project }: z.output<typeof one>, call: NativeCall) {
    return theOne(await call.database((query) => readProject(query, project)), 'projects');
  }

  @Tool({ name: 'update_project', title: 'Change a project', description: 'Changes the title or the description of a project of yours; what is not given stays.', input: update, annotations: { idempotentHint: true } })
  async update({ project, ...input }: z.output<typeof update>, call: NativeCall) {
    const rows = await this.rows.write(call, (query) =>
      query(`WITH changed AS (UPDATE workspace_projects SET title = coalesce($2, title), description = coalesce($3, description), updated_at = now() WHERE id = $1 RETURNING *) SELECT ${COLUMNS} FROM changed`, [project, input.title ?? null, input.description ?? null]),
    );
    const changed = theOne(rows, 'projects');
    await this.rows.announce(call, uriOf('projects', project));
    return withUri(changed);
  }

  @Tool({ name: 'delete_project', title: 'Delete a project', description: 'Deletes a project of yours and its todos. Its documents stay, without a project.', input: one, annotations: { destructiveHint: true } })
  async delete({ project }: z.output<typeof one>, call: NativeCall) {
    const rows = await call.database((query) => query('WITH gone AS (DELETE FROM workspace_projects WHERE id = $1 RETURNING title) SELECT title FROM gone', [project]));
    const { title: name } = theOne(rows, 'projects');
    await this.rows.announce(call, uriOf('projects', project));
    return `Deleted the project "${String(name)}".`;
  }

  @Resource({ name: 'project', description: 'A project of yours with its todos and the titles of its documents.', uri: 'workspace://projects/{id}', mimeType: 'application/json', complete: { id: suggestIds('projects') } })
  async read(variables: Readonly<Record<string, string>>, call: NativeCall) {
    const project = readId(variables['id']);
    return JSON.stringify(resourceRow(await call.database((query) => readProject(query, project))));
  }
}

const withUri = (project: Row) => ({ ...project, uri: uriOf('projects', project['id']) });

/** A project with what belongs to it; nothing when it is not there. */
export async function readProject(query: Query, project: string): Promise<readonly Row[]> {
  const [found] = await query(`SELECT ${COLUMNS} FROM workspace_projects WHERE id = $1`, [project]);
  if (!found) return [];
  const todos = await query(`SELECT id, title, due::text AS due, done FROM workspace_todos WHERE project = $1 ORDER BY done, due, created_at, id LIMIT ${MOST_TODOS}`, [project]);
  const documents = await query(`SELECT id, title FROM workspace_documents WHERE project = $1 ORDER BY updated_at DESC, id LIMIT ${MOST_TODOS}`, [project]);
  return [{ ...withUri(found), todos, documents }];
}

import { Inject, Injectable, Logger } from '@nestjs/common';
import { NotFound, Refused, type NativeCall, type Query } from '../catalog/native/native.definitions.js';
import type { WorkspaceSettings } from '../config/workspace.schema.js';
import { ResourceChanges } from '../database/resource.changes.js';

/** {@link WorkspaceSettings}. */
export const WORKSPACE = Symbol('workspace');

const MEGABYTE = 1024 * 1024;
/** Most rows of one user. */
const MOST = { projects: 1_000, todos: 10_000, documents: 10_000, attachments: 10_000 } as const;
/** Most attachments of one document. */
export const MOST_ATTACHED = 100;
/** What is kept, in bytes, of each kind. */
const SIZES: Readonly<Record<Kind, string>> = { projects: 'octet_length(description)', todos: 'octet_length(notes)', documents: 'octet_length(text)', attachments: 'size' };
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type Kind = keyof typeof MOST;
export const KINDS = ['projects', 'todos', 'documents', 'attachments'] as const satisfies readonly Kind[];
export type Row = Readonly<Record<string, unknown>>;

/** What all entries of the workspace do with rows: write within the user's bounds, and say what has changed. */
@Injectable()
export class WorkspaceRows {
  readonly #logger = new Logger(WorkspaceRows.name);

  constructor(
    private readonly changes: ResourceChanges,
    @Inject(WORKSPACE) private readonly settings: WorkspaceSettings,
  ) {}

  /**
   * Runs work that may write more than there was.
   * @throws Refused when the user has too much then; nothing is written
   */
  async write<T>(call: NativeCall, work: (query: Query) => Promise<T>): Promise<T> {
    return call.database(async (query) => {
      const result = await work(query);
      await this.#assertWithinBounds(query);
      return result;
    });
  }

  /** Tells who subscribed. What is written stays written when nobody can be told. */
  async announce({ tenant, caller }: NativeCall, ...uris: readonly string[]): Promise<void> {
    for (const uri of uris) {
      try {
        await this.changes.announce({ tenant: tenant.id, owner: { issuer: caller.issuer, subject: caller.subject }, uri });
      } catch (error) {
        this.#logger.warn({ msg: 'a change of a resource could not be announced', err: error });
      }
    }
  }

  /** Under a lock of the user's: whoever counts sees all that was counted before, so that parallel calls cannot pass together. */
  async #assertWithinBounds(query: Query): Promise<void> {
    await query(`SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'workspace', current_setting('app.tenant'), current_setting('app.issuer'), current_setting('app.subject')), 0))`);
    let bytes = 0;
    for (const kind of KINDS) {
      const most = MOST[kind];
      const [sum = {}] = await query(`SELECT count(*)::integer AS count, coalesce(sum(${SIZES[kind]}), 0)::float8 AS bytes FROM workspace_${kind}`);
      if (Number(sum['count']) > most) throw new Refused(`you have ${most} ${kind}, which is the most there can be: delete some first`);
      bytes += Number(sum['bytes']);
    }
    const { megabytesPerUser } = this.settings;
    if (bytes > megabytesPerUser * MEGABYTE) throw new Refused(`your workspace would have more than ${megabytesPerUser} MB: delete something first`);
    const crowded = await query('SELECT 1 FROM workspace_attachments GROUP BY document HAVING count(*) > $1 LIMIT 1', [MOST_ATTACHED]);
    if (crowded.length > 0) throw new Refused(`a document has ${MOST_ATTACHED} attachments at most`);
  }
}

export const uriOf = (kind: Exclude<Kind, 'todos'>, id: unknown): string => `workspace://${kind}/${String(id)}`;

/** Of the projects that rows belong to, or belonged to: each is read with what belongs to it. */
export const projectUris = (...projects: readonly unknown[]): readonly string[] => [...new Set(projects)].filter((project) => typeof project === 'string').map((project) => uriOf('projects', project));

/** @throws Refused when the caller has no such row; the row stays until the transaction ends */
export async function assertOwn(query: Query, kind: Kind, id: string | null | undefined): Promise<void> {
  if (id === null || id === undefined) return;
  const rows = await query(`SELECT 1 FROM workspace_${kind} WHERE id = $1 FOR KEY SHARE`, [id]);
  theOne(rows, kind);
}

/** @throws Refused when there is none */
export function theOne(rows: readonly Row[], kind: Kind): Row {
  const [row] = rows;
  if (!row) throw new Refused(`there is no such ${kind.slice(0, -1)}`);
  return row;
}

/** @throws NotFound for what is no id, so that it reaches no statement */
export function readId(value: string | undefined): string {
  if (value === undefined || !UUID.test(value)) throw new NotFound();
  return value;
}

/** @param rows of a resource @throws NotFound when there is none */
export function resourceRow(rows: readonly Row[]): Row {
  const [row] = rows;
  if (!row) throw new NotFound();
  return row;
}

/** Ids of the caller's own rows that begin so. */
export const suggestIds = (kind: Kind) => async (value: string, { database }: Pick<NativeCall, 'database'>): Promise<readonly string[]> => {
  const rows = await database((query) => query(`SELECT id::text AS id FROM workspace_${kind} WHERE starts_with(id::text, lower($1)) ORDER BY updated_at DESC, id LIMIT 101`, [storable(value)]));
  return rows.map(({ id }) => String(id));
};

/** Titles of the caller's own rows that have this in them. */
export const suggestTitles = (kind: Exclude<Kind, 'attachments'>) => async (value: string, { database }: Pick<NativeCall, 'database'>): Promise<readonly string[]> => {
  const rows = await database((query) => query(`SELECT title FROM workspace_${kind} WHERE strpos(lower(title), lower($1)) > 0 GROUP BY title ORDER BY max(updated_at) DESC, title LIMIT 101`, [storable(value)]));
  return rows.map(({ title }) => String(title));
};

/** What a client completes is checked by nobody before. */
const storable = (value: string): string => value.replaceAll('\0', '').slice(0, 200);

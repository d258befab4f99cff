import type { OperationChange, OperationReport } from '@gatehouse-mcp/openapi-tools';
import type { Tenant } from '../context/tenant.js';
import type { TenantDatabase } from '../tenancy/tenant.database.js';
import type { ApiSource } from './api.source.js';

export type DocumentState = 'approved' | 'waiting' | 'rejected' | 'superseded';

/** A stored document without its text. */
export interface StoredDocument {
  readonly api: string;
  readonly hash: string;
  readonly state: DocumentState;
  readonly changes: readonly OperationChange[];
  readonly report: readonly OperationReport[];
  readonly createdAt: Date;
}

/** A document about to be stored. Its hash never changes its text: a hash that is there already keeps it. */
export interface NewDocument {
  readonly api: string;
  readonly hash: string;
  readonly source: ApiSource;
  readonly state: DocumentState;
  readonly changes: readonly OperationChange[];
  readonly report: readonly OperationReport[];
}

const columns = 'api, hash, state, changes, report, created_at AS "createdAt"';

/** The documents of one tenant's APIs: immutable texts, and what was decided about each. */
export class StoredDocuments {
  constructor(
    private readonly database: TenantDatabase,
    private readonly tenant: Tenant,
  ) {}

  /** Newest first. */
  async list(api: string): Promise<readonly StoredDocument[]> {
    return this.#query<StoredDocument>(`SELECT ${columns} FROM api_revisions WHERE api = $1 ORDER BY id DESC`, [api]);
  }

  async find(api: string, hash: string): Promise<StoredDocument | undefined> {
    const rows = await this.#query<StoredDocument>(`SELECT ${columns} FROM api_revisions WHERE api = $1 AND hash = $2`, [api, hash]);
    return rows[0];
  }

  /** @throws Error when the text is not there, which only a damaged database explains */
  async read(api: string, hash: string): Promise<ApiSource> {
    const rows = await this.#query<ApiSource>('SELECT document, externals FROM api_revisions WHERE api = $1 AND hash = $2', [api, hash]);
    if (!rows[0]) throw new Error(`the document of API ${api} (${hash.slice(0, 12)}) is not in the database`);
    return rows[0];
  }

  /** Stores a document, or what is decided now about one that is there. One that waits replaces those that waited before it. */
  async store({ api, hash, source, state, changes, report }: NewDocument): Promise<void> {
    await this.database.withTenant(this.tenant, async (manager) => {
      if (state === 'waiting') await manager.query(`UPDATE api_revisions SET state = 'superseded' WHERE api = $1 AND state = 'waiting' AND hash <> $2`, [api, hash]);
      await manager.query(
        `INSERT INTO api_revisions (tenant_id, api, hash, document, externals, state, changes, report, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $6 = 'waiting' THEN NULL ELSE now() END)
         ON CONFLICT (api, hash) DO UPDATE SET state = excluded.state, changes = excluded.changes, report = excluded.report, decided_at = excluded.decided_at`,
        [this.tenant.id, api, hash, source.document, JSON.stringify(source.externals), state, JSON.stringify(changes), JSON.stringify(report)],
      );
    });
  }

  async decide(api: string, hash: string, state: 'approved' | 'rejected'): Promise<void> {
    await this.#query('UPDATE api_revisions SET state = $3, decided_at = now() WHERE api = $1 AND hash = $2', [api, hash, state]);
  }

  #query<Row>(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
    return this.database.withTenant(this.tenant, (manager) => manager.query<Row[]>(sql, [...parameters]));
  }
}

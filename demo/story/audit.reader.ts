import { Client } from 'pg';

/** One line of a tenant's audit trail, as much as the story shows. */
export interface AuditRow {
  readonly tenant: string;
  readonly callId: string;
  readonly kind: string;
  readonly at: Date;
  readonly subject: string;
  readonly actor: string | null;
  readonly tool: string;
  readonly decision: string;
  readonly result: string | null;
  readonly upstreamStatus: number | null;
  /** The whole row as JSON, to search it for what must not be there. */
  readonly whole: string;
}

export interface AuditReader {
  readAuditRows(since: Date): Promise<readonly AuditRow[]>;
}

/** Reads the audit of every tenant as the administrator of the demo's own database. */
export function createAuditReader(adminUrl: string): AuditReader {
  return {
    async readAuditRows(since) {
      const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5000, query_timeout: 10_000 });
      await client.connect();
      try {
        const tenants = await client.query<{ name: string; schema_name: string }>('SELECT name, schema_name FROM gatehouse.tenants ORDER BY name');
        const rows: AuditRow[] = [];
        for (const { name, schema_name: schema } of tenants.rows) rows.push(...(await readTenant(client, name, schema, since)));
        return rows.toSorted((a, b) => a.at.getTime() - b.at.getTime());
      } finally {
        await client.end();
      }
    },
  };
}

async function readTenant(client: Client, tenant: string, schema: string, since: Date): Promise<AuditRow[]> {
  const { rows } = await client.query<Omit<AuditRow, 'tenant'>>(
    `SELECT call_id AS "callId", kind, at, subject, actor, tool, decision, result, upstream_status AS "upstreamStatus", to_jsonb(audit)::text AS whole
     FROM ${client.escapeIdentifier(schema)}.audit WHERE at >= $1 ORDER BY at, writer, seq`,
    [since],
  );
  return rows.map((row) => ({ tenant, ...row }));
}

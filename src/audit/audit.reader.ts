import type { ChainRow } from '@gatehouse-mcp/audit-chain';
import type { Tenant } from '../context/tenant.js';
import type { AuditRecord } from './audit-record.js';

/** A stored record with its place in the chain of its writer. */
export interface AuditEntry extends AuditRecord {
  readonly writer: string;
  readonly sequence: number;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/** What reading needs of the tenants' database; audit may not import tenancy, which imports audit. */
export interface TenantReads {
  withTenant<T>(tenant: Tenant, work: (manager: TenantManager) => Promise<T>): Promise<T>;
}

interface TenantManager {
  query<T>(sql: string, parameters: unknown[]): Promise<T>;
}

type StoredEntry = Omit<AuditEntry, 'at' | 'sequence'> & { readonly at: Date; readonly sequence: string };

const selection = `SELECT writer, seq AS sequence, prev_hash AS "previousHash", hash, call_id AS "callId", kind, at,
  request_id AS "requestId", issuer, subject, client_id AS "clientId", actor, api, tool, decision, result,
  upstream_status AS "upstreamStatus", duration_ms AS "durationMs", scopes, argument_digest AS "argumentDigest", address
  FROM audit`;

/** The newest records of a tenant, newest first. */
export async function readAudit(database: TenantReads, tenant: Tenant, options: { readonly limit: number }): Promise<readonly AuditEntry[]> {
  return database.withTenant(tenant, async (manager) => {
    const rows = await manager.query<StoredEntry[]>(`${selection} ORDER BY at DESC, writer, seq DESC LIMIT $1`, [options.limit]);
    return rows.map(toEntry);
  });
}

/** All chains of a tenant by writer, each in its order, as `verifyChain` takes them. */
export async function readChains(database: TenantReads, tenant: Tenant): Promise<ReadonlyMap<string, readonly ChainRow[]>> {
  const entries = await database.withTenant(tenant, async (manager) => {
    const rows = await manager.query<StoredEntry[]>(`${selection} ORDER BY writer, seq`, []);
    return rows.map(toEntry);
  });
  const chains = Map.groupBy(entries, (entry) => entry.writer);
  return new Map([...chains].map(([writer, rows]) => [writer, rows.map(toChainRow)]));
}

function toEntry(row: StoredEntry): AuditEntry {
  return { ...row, at: row.at.toISOString(), sequence: Number(row.sequence) };
}

function toChainRow({ writer: _writer, sequence, previousHash, hash, ...record }: AuditEntry): ChainRow {
  return { sequence, previousHash, hash, record };
}

import type { Tenant } from '../context/tenant.js';
import type { AuditRecord } from './audit-record.js';

/** A record that waits to become durable. */
export interface PendingRecord {
  readonly tenant: Tenant;
  readonly record: AuditRecord;
  /** An intent whose caller waits; it is refused when its group fails. Anything else is kept and written again. */
  readonly isIntent: boolean;
  readonly settled: PromiseWithResolvers<void>;
}

/** The records of each tenant, in the order in which the tenants first appear. */
export function byTenant(pending: readonly PendingRecord[]): ReadonlyMap<string, readonly PendingRecord[]> {
  return Map.groupBy(pending, (entry) => entry.tenant.id);
}

/** The newest `limit` entries: what is older is given up. */
export function keepNewest(pending: readonly PendingRecord[], limit: number): { readonly kept: readonly PendingRecord[]; readonly dropped: number } {
  const dropped = Math.max(0, pending.length - limit);
  return { kept: pending.slice(dropped), dropped };
}

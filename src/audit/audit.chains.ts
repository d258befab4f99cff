import { randomUUID } from 'node:crypto';
import { chain, startOfChain } from '@gatehouse-mcp/audit-chain';
import type { Tenant } from '../context/tenant.js';
import type { AuditRecord } from './audit-record.js';

/** A record in its place of a chain, ready to be stored. */
export interface PlacedRecord {
  readonly writer: string;
  readonly sequence: number;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  readonly record: AuditRecord;
}

/** The records of one tenant in one group. */
export interface TenantGroup {
  readonly tenant: Tenant;
  readonly records: readonly PlacedRecord[];
}

interface Head {
  readonly sequence: number;
  readonly hash: Buffer;
}

/** The chains of this process, one for each tenant. Places count only once they are committed, so no failure leaves a gap. */
export class AuditChains {
  #writer = randomUUID();
  #heads = new Map<string, Head>();

  /** Id of this process's chains. */
  get writer(): string {
    return this.#writer;
  }

  /** Gives records of one tenant their next places, tentatively. */
  place(tenant: Tenant, records: readonly AuditRecord[]): TenantGroup {
    const head = this.#heads.get(tenant.id);
    let sequence = head?.sequence ?? 0;
    let previousHash = head?.hash ?? startOfChain(tenant.id, this.#writer);
    const placed = records.map((record) => {
      sequence += 1;
      const row = { writer: this.#writer, sequence, previousHash, hash: chain(previousHash, record, sequence), record };
      previousHash = row.hash;
      return row;
    });
    return { tenant, records: placed };
  }

  /** Moves the chain behind a group that is durable. */
  advance(group: TenantGroup): void {
    const last = group.records.at(-1);
    if (last) this.#heads.set(group.tenant.id, { sequence: last.sequence, hash: last.hash });
  }

  /**
   * Begins new chains under a new writer id, after a COMMIT without an answer: whether its rows exist is unknown, so the
   * old chain ends either before or behind them, and both are whole.
   */
  restart(): void {
    this.#writer = randomUUID();
    this.#heads = new Map();
  }
}

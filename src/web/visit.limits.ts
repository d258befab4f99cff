import { Inject, Injectable } from '@nestjs/common';
import { getStorageToken, type ThrottlerStorage } from '@nestjs/throttler';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord } from '../audit/call-record.js';
import type { Visitor } from '../credentials/vault/visitor.js';
import { GatewayError } from '../errors/gateway.error.js';

const RATE_LIMITED = { code: 'rate_limited', status: 429 };
const WINDOW_MS = 60_000;
/** An address may be that of a whole office. */
const PER_ADDRESS = 300;
const PER_VISITOR = 60;

/** How often pages are asked for from one address, and changed by one person, in a minute. */
@Injectable()
export class VisitLimits {
  constructor(
    @Inject(getStorageToken()) private readonly storage: ThrottlerStorage,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws GatewayError 429 */
  async countAddress(address: string): Promise<void> {
    await this.#count(`pages ${address}`, PER_ADDRESS);
  }

  /** @throws GatewayError 429 */
  async countVisitor(visitor: Visitor): Promise<void> {
    const { tenant, caller } = visitor;
    try {
      await this.#count(`pages ${JSON.stringify([tenant.id, caller.issuer, caller.subject])}`, PER_VISITOR);
    } catch (error) {
      await this.audit.refused(tenant, refusedRecord(visitor, { tool: 'connections' }, RATE_LIMITED.code));
      throw error;
    }
  }

  async #count(key: string, limit: number): Promise<void> {
    const { isBlocked, timeToBlockExpire } = await this.storage.increment(key, WINDOW_MS, limit, 0, 'pages');
    if (isBlocked) throw new GatewayError(RATE_LIMITED, 'that was too much in one minute', { headers: { 'retry-after': String(timeToBlockExpire) } });
  }
}

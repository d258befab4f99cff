import { Injectable } from '@nestjs/common';
import type { AuditRecord } from '../audit/audit-record.js';
import { AuditWriter } from '../audit/audit.writer.js';
import { type CallTarget, refusedRecord, startRecord } from '../audit/call-record.js';
import { SecurityEvents } from '../audit/security-events.js';
import { Connections } from '../credentials/vault/connections.js';
import type { TypedSecret } from '../credentials/vault/typed-secret.js';
import type { Visitor } from '../credentials/vault/visitor.js';
import { GatewayError } from '../errors/gateway.error.js';

const CONNECT = 'connections.connect';
export const FOREIGN_LINK = { code: 'connect_link_of_another_user', status: 403 };

/** The changes of connections on record, as calls are: no change without a durable intent. `api` of a record is the connection's name. */
@Injectable()
export class ConnectionChanges {
  constructor(
    private readonly connections: Connections,
    private readonly audit: AuditWriter,
    private readonly securityEvents: SecurityEvents,
  ) {}

  /** @throws GatewayError as {@link Connections.complete}, 503 without audit */
  async complete(visitor: Visitor, name: string, session: string, answer: URLSearchParams): Promise<void> {
    return this.#record(visitor, { tool: CONNECT, api: name }, () => this.connections.complete(visitor, name, session, answer));
  }

  /** @throws GatewayError as {@link Connections.saveSecret}, 503 without audit */
  async saveSecret(visitor: Visitor, name: string, typed: TypedSecret): Promise<void> {
    return this.#record(visitor, { tool: 'connections.secret', api: name }, () => this.connections.saveSecret(visitor, name, typed));
  }

  /** @returns as {@link Connections.disconnect} */
  async disconnect(visitor: Visitor, name: string): Promise<boolean | undefined> {
    return this.#record(visitor, { tool: 'connections.disconnect', api: name }, () => this.connections.disconnect(visitor, name));
  }

  /** Somebody opened a link that was made for somebody else: consent phishing, or a link passed on in good faith. */
  async refuseLink(visitor: Visitor, name: string): Promise<void> {
    this.securityEvents.count(FOREIGN_LINK.code, visitor.caller.provider, visitor.address);
    await this.audit.refused(visitor.tenant, refusedRecord(visitor, { tool: CONNECT, api: name }, FOREIGN_LINK.code));
  }

  async #record<T>(visitor: Visitor, target: CallTarget, change: () => Promise<T>): Promise<T> {
    const intent = startRecord(visitor, target);
    await this.audit.intent(visitor.tenant, intent);
    const startedAt = performance.now();
    let result: AuditRecord['result'] = 'unknown';
    try {
      const done = await change();
      result = 'success';
      return done;
    } catch (error) {
      // A server that did not answer may have done it.
      if (error instanceof GatewayError && error.status < 500) result = 'failure';
      throw error;
    } finally {
      const durationMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      await this.audit.outcome(visitor.tenant, { ...intent, result, kind: 'outcome', at: new Date().toISOString(), durationMs });
    }
  }
}

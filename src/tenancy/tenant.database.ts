import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { escapeLiteral, type PoolClient } from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { Tenant } from '../context/tenant.js';
import { onDatabase } from '../database/database.error.js';
import { assertUuid, quoteIdentifier, tenantSchemaName } from '../database/identifiers.js';

const statementTimeoutMs = 10_000;
/** Work that holds a tenant's transaction without asking anything of it loses it. */
const idleTimeoutMs = 15_000;

/** Whose personal rows are open: the stable key of a verified caller. */
export interface RowOwner {
  readonly issuer: string;
  readonly subject: string;
}

/** The only way to a tenant's data: one transaction as the tenant's role, in its schema, closed behind the work. */
@Injectable()
export class TenantDatabase {
  readonly #source: DataSource;
  /** Only tells a nested use, which would wait for a second connection while holding the first. */
  readonly #inside = new AsyncLocalStorage<true>();

  constructor(source: DataSource) {
    this.#source = source;
  }

  /** Runs work in the tenant's transaction: commits when it resolves, rolls back when it throws. The manager ends with it. */
  async withTenant<T>(tenant: Tenant, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#run(enterTenant(tenant), work);
  }

  /** The same, and of personal rows those of one user: policies of such tables ask for `app.issuer` and `app.subject`. */
  async withUser<T>(tenant: Tenant, owner: RowOwner, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#run(`${enterTenant(tenant)}; SET LOCAL app.issuer = ${escapeLiteral(owner.issuer)}; SET LOCAL app.subject = ${escapeLiteral(owner.subject)}`, work);
  }

  async #run<T>(enter: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.#inside.getStore()) throw new Error('withTenant must not be nested');
    return onDatabase(() => this.#inside.run(true, () => this.#transact(enter, work)));
  }

  async #transact<T>(enter: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.#source.createQueryRunner();
    // TypeORM types the driver's own connection as any; for postgres it is the pool's client.
    const client = (await runner.connect()) as PoolClient;
    const seal = sealable(runner);
    try {
      await runner.startTransaction();
      await runner.query(enter);
      const result = await work(runner.manager);
      seal();
      // A statement failed and the work swallowed it: PostgreSQL answers COMMIT with ROLLBACK, not with an error.
      if ((await leave(client, 'COMMIT')) !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed');
      await runner.release();
      return result;
    } catch (error) {
      seal();
      await rollBack(runner, client);
      throw error;
    }
  }
}

/** One message to the server. Every name in it comes from the UUID, which is checked here once more. */
function enterTenant(tenant: Tenant): string {
  const name = tenantSchemaName(tenant.id);
  if (tenant.schema !== name || tenant.role !== name) throw new Error('the tenant has a schema or role that is not its own');
  const quoted = quoteIdentifier(name);
  return (
    `SET LOCAL ROLE ${quoted}; SET LOCAL search_path = ${quoted}, pg_temp; ` +
    `SET LOCAL app.tenant = '${assertUuid(tenant.id)}'; SET LOCAL statement_timeout = ${statementTimeoutMs}; ` +
    `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMs}`
  );
}

/** After the seal the runner refuses statements, so that work nobody awaited cannot run behind COMMIT as the bare login. */
function sealable(runner: QueryRunner): () => void {
  const query = runner.query.bind(runner);
  let sealed = false;
  runner.query = (...parameters: Parameters<QueryRunner['query']>) =>
    sealed ? Promise.reject(new Error('the tenant transaction has ended')) : query(...parameters);
  return () => {
    sealed = true;
  };
}

/** Ends the transaction and, in the same message, whatever the work set for the session; returns how it really ended. */
async function leave(client: PoolClient, end: 'COMMIT' | 'ROLLBACK'): Promise<string | undefined> {
  // pg answers several statements with a list of results, which its types do not know.
  const results: unknown = await client.query(`${end}; RESET ROLE; RESET ALL; DISCARD TEMP`);
  const first: unknown = Array.isArray(results) ? results[0] : undefined;
  return typeof first === 'object' && first !== null && 'command' in first ? String(first.command) : undefined;
}

/** Gives a clean connection back to the pool; one that cannot roll back is destroyed, never reused. */
async function rollBack(runner: QueryRunner, client: PoolClient): Promise<void> {
  try {
    await leave(client, 'ROLLBACK');
  } catch (error) {
    // TypeORM hands a connection that reports an error back to the pool as broken.
    client.emit('error', error instanceof Error ? error : new Error('ROLLBACK failed'));
  }
  await runner.release();
}

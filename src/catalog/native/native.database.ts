import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import type { Query } from './native.definitions.js';

/** The database as an entry written in TypeScript has it: the tenant's schema, and of personal tables the caller's own rows. */
@Injectable()
export class NativeDatabase {
  constructor(private readonly database: TenantDatabase) {}

  /** One transaction: commits when the work resolves, rolls back when it throws. */
  transact<T>({ tenant, caller }: Pick<CallContext, 'tenant' | 'caller'>, work: (query: Query) => Promise<T>): Promise<T> {
    return this.database.withUser(tenant, caller, (manager) => work((sql, values = []) => manager.query(sql, [...values])));
  }
}

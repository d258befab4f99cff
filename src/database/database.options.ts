import type { Secret } from '@gatehouse-mcp/oauth';
import type { ClientConfig } from 'pg';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';

/** A class decorated with `@Entity()`, as TypeORM takes it. */
export type EntityClass = new () => object;

export type MigrationClass = new () => MigrationInterface;

const connectTimeoutMs = 5_000;
/**
 * The client's bound on a statement of the runtime. The server's own timeouts are SET LOCAL in each transaction: as
 * start-up parameters PgBouncer refuses them.
 */
const queryTimeoutMs = 15_000;

export interface PoolSize {
  readonly max: number;
}

/** The one shared pool of the runtime. Entities name no schema: the tenant's search_path decides. */
export function runtimeOptions(url: Secret, entities: readonly EntityClass[], pool: PoolSize): DataSourceOptions {
  return {
    type: 'postgres',
    url: url.reveal(),
    entities: [...entities],
    applicationName: 'gatehouse',
    installExtensions: false,
    synchronize: false,
    logging: false,
    poolSize: pool.max,
    // An idle connection that dies is replaced at the next use; without a listener it would end the process.
    poolErrorHandler: () => undefined,
    extra: {
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
    },
  };
}

/** A short-lived source for migrations: one connection, no limit for a statement. */
export function migrationOptions(adminUrl: Secret, schema: string, migrations: readonly MigrationClass[]): DataSourceOptions {
  return {
    type: 'postgres',
    url: adminUrl.reveal(),
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    applicationName: 'gatehouse-migrate',
    installExtensions: false,
    logging: false,
    poolSize: 1,
    poolErrorHandler: () => undefined,
    extra: { connectionTimeoutMillis: connectTimeoutMs },
  };
}

/** A single connection beside the pool, for LISTEN, the audit writer and apply. */
export function clientOptions(url: Secret, applicationName: string): ClientConfig {
  return { connectionString: url.reveal(), application_name: applicationName, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true };
}

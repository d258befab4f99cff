import type { Client } from 'pg';
import { DataSource, MigrationExecutor } from 'typeorm';
import { GatewayError } from '../errors/gateway.error.js';
import { inLockedTransaction, requireAdminUrl, runtimeLogin, withAdminClient } from './admin-client.js';
import type { DatabaseUrls } from './database-urls.js';
import { connectionRefusal, databaseUnavailable, isDatabaseUnavailable } from './database.error.js';
import { migrationOptions, type MigrationClass } from './database.options.js';
import { auditRole, quoteIdentifier, tenantSchemaName } from './identifiers.js';
import { ControlTables } from './migrations/control-tables.migration.js';
import { CredentialUpdateTable } from './migrations/credential-updates.migration.js';
import { DocumentAdoption } from './migrations/document-adoption.migration.js';
import { GatewayKeyTable } from './migrations/gateway-keys.migration.js';
import { ResourceChangeTable } from './migrations/resource-changes.migration.js';
import { ServerAdoption } from './migrations/server-adoption.migration.js';
import { SignInTables } from './migrations/sign-in.migration.js';
import { TenantImports } from './migrations/tenant-imports.migration.js';
import { Vault } from './migrations/vault.migration.js';
import { TenantTables } from './migrations/tenant-tables.migration.js';

const controlSchema = 'gatehouse';

/** Brings the control schema, the audit role and the runtime login's rights to this version. */
export async function migrateControl(urls: DatabaseUrls): Promise<void> {
  const login = runtimeLogin(urls);
  await withAdminClient(urls, async (client) => {
    await inLockedTransaction(client, 'control', async () => {
      await assertRuntimeLogin(client, login);
      await createRole(client, auditRole);
      await grantRole(client, auditRole, login);
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${controlSchema}`);
    });
  });
  await runMigrations(urls, controlSchema, [ControlTables, DocumentAdoption, SignInTables, CredentialUpdateTable, GatewayKeyTable, ResourceChangeTable, ServerAdoption]);
  await withAdminClient(urls, (client) => inLockedTransaction(client, 'control', () => grantControl(client, login)));
}

/** Brings one tenant's role and schema to this version; makes them when they are missing. @param groups migrations of the tables that entries written in TypeScript have */
export async function migrateTenant(urls: DatabaseUrls, tenant: { readonly id: string }, groups: readonly MigrationClass[] = []): Promise<void> {
  const name = tenantSchemaName(tenant.id);
  const login = runtimeLogin(urls);
  await withAdminClient(urls, (client) =>
    inLockedTransaction(client, name, async () => {
      await createRole(client, name);
      await grantRole(client, name, login);
      const quoted = quoteIdentifier(name);
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted}`);
      await client.query(`REVOKE ALL ON SCHEMA ${quoted} FROM PUBLIC; GRANT USAGE ON SCHEMA ${quoted} TO ${quoted}, ${auditRole}`);
    }),
  );
  await runMigrations(urls, name, [TenantTables, TenantImports, Vault, ...groups]);
}

/** A login that row-level security does not bind would make the second wall of every tenant void. */
async function assertRuntimeLogin(client: Client, login: string): Promise<void> {
  const found = await client.query<{ unbound: boolean }>('SELECT rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = $1', [login]);
  const role = found.rows[0];
  if (!role) {
    throw new GatewayError(databaseUnavailable, `The login of database.url does not exist: CREATE ROLE ${quoteIdentifier(login)} LOGIN NOINHERIT PASSWORD '…'`);
  }
  if (role.unbound) {
    throw new GatewayError(databaseUnavailable, 'The login of database.url must not be a superuser or have BYPASSRLS: no row-level security would bind it');
  }
}

async function createRole(client: Client, role: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (found.rowCount === 0) await client.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN NOINHERIT`);
}

/** The login gains nothing by membership; it may only SET the role for a transaction. */
async function grantRole(client: Client, role: string, login: string): Promise<void> {
  await client.query(`GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(login)} WITH INHERIT FALSE, SET TRUE`);
}

async function grantControl(client: Client, login: string): Promise<void> {
  const runtime = quoteIdentifier(login);
  await client.query(`
    REVOKE ALL ON SCHEMA gatehouse FROM PUBLIC;
    GRANT USAGE ON SCHEMA gatehouse TO ${runtime};
    GRANT SELECT ON gatehouse.tenants, gatehouse.revisions, gatehouse.gateway_keys TO ${runtime};
    GRANT SELECT, INSERT, UPDATE ON gatehouse.epochs TO ${runtime};
    GRANT EXECUTE ON FUNCTION gatehouse.adopt_document(text, text, text) TO ${runtime};
    GRANT SELECT, INSERT, UPDATE, DELETE ON gatehouse.security_events TO ${runtime};
    GRANT SELECT, INSERT, UPDATE ON gatehouse.api_keys, gatehouse.identities TO ${runtime};
    GRANT SELECT, INSERT, DELETE ON gatehouse.revocations TO ${runtime};
    GRANT SELECT, INSERT, DELETE ON gatehouse.credential_updates, gatehouse.resource_changes TO ${runtime};
    GRANT USAGE ON SEQUENCE gatehouse.revocations_id_seq, gatehouse.credential_updates_id_seq, gatehouse.resource_changes_id_seq TO ${runtime};
  `);
}

/** Pending migrations of one schema, in one transaction that holds the schema's lock from its first statement. */
async function runMigrations(urls: DatabaseUrls, schema: string, migrations: readonly MigrationClass[]): Promise<void> {
  const source = new DataSource(migrationOptions(requireAdminUrl(urls), schema, migrations));
  try {
    await source.initialize();
  } catch (error) {
    throw connectionRefusal('database.adminUrl', error);
  }
  const runner = source.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`gatehouse:${schema}`]);
    await runner.query(`SET LOCAL search_path = ${quoteIdentifier(schema)}, pg_temp`);
    await new MigrationExecutor(source, runner).executePendingMigrations();
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive && !runner.isReleased) await runner.rollbackTransaction().catch(() => undefined);
    throw isDatabaseUnavailable(error) ? connectionRefusal('database.adminUrl', error) : error;
  } finally {
    await runner.release();
    await source.destroy();
  }
}

import { hash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { GatewayError } from '../errors/gateway.error.js';
import type { MigrationClass } from './database.options.js';
import { quoteIdentifier } from './identifiers.js';

const INVALID = { code: 'invalid_migration', status: 500 };

/** Tables that a group of entries has in each tenant's schema; all are named `GROUP_…`. */
export interface GroupTables {
  /** SQL texts, each run once for each tenant, in order; what has run is never edited, more is put behind it. */
  readonly migrations: readonly string[];
  /** Tables whose rows belong to one user each: nobody else sees them. */
  readonly personal?: readonly string[];
}

/** A setting that was once SET LOCAL reads as '' for the rest of the session, and '' is nobody. */
const setting = (name: string): string => `nullif(current_setting('app.${name}', true), '')`;
const ofTenant = `tenant_id = (SELECT ${setting('tenant')}::uuid)`;
const ofUser = `issuer = (SELECT ${setting('issuer')}) AND subject = (SELECT ${setting('subject')})`;

/** Behind all of the gateway's own, as TypeORM sorts them by the number that a name ends with. */
const FIRST_TIME = 4_000_000_000_000;

/** Without `_`, so that the tables of no group are those of another one as well. */
const OWNER = /^[a-z][a-z0-9]*$/;

/**
 * The migrations of a group; behind each of them stand the walls around all its tables.
 * @throws GatewayError for a group whose name cannot stand before tables
 */
export function groupMigrations(group: string, { migrations, personal = [] }: GroupTables): readonly MigrationClass[] {
  if (!OWNER.test(group)) throw new GatewayError(INVALID, `modules: "${group}" cannot have tables: a group that has some is named by lower-case letters and digits alone`);
  return migrations.map((sql, index) => {
    const place = `${group}#${index + 1}#`;
    const own = `${place}${hash('sha256', sql, 'hex').slice(0, 8)}#${FIRST_TIME + index}`;
    return class implements MigrationInterface {
      readonly name = own;

      async up(runner: QueryRunner): Promise<void> {
        const schema = (await runner.getCurrentSchema()) ?? '';
        const problem = (message: string) => new GatewayError(INVALID, `modules: migration ${index + 1} of "${group}" ${message}`);
        if (await hasRun(runner, place)) throw problem('was changed after it had run; put another one behind it');
        const before = await tablesOf(runner, schema);
        const taken = index === 0 ? before.find((table) => table.startsWith(`${group}_`)) : undefined;
        if (taken !== undefined) throw new GatewayError(INVALID, `modules: "${group}" cannot have tables here: "${taken}" is there already`);
        await runner.query(sql);
        const after = await tablesOf(runner, schema);
        const stray = after.find((table) => !before.includes(table) && !table.startsWith(`${group}_`));
        if (stray !== undefined) throw problem(`makes the table "${stray}"; tables of this group are named "${group}_…"`);
        for (const table of after) if (table.startsWith(`${group}_`)) await runner.query(wallsOf(schema, table, personal.includes(table)));
      }

      async down(): Promise<void> {
        throw new Error('what a group of entries keeps is not dropped');
      }
    };
  });
}

async function hasRun(runner: QueryRunner, place: string): Promise<boolean> {
  const rows: unknown = await runner.query('SELECT 1 FROM migrations WHERE starts_with(name, $1) LIMIT 1', [place]);
  return Array.isArray(rows) && rows.length > 0;
}

async function tablesOf(runner: QueryRunner, schema: string): Promise<readonly string[]> {
  const rows: unknown = await runner.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = $1`, [schema]);
  return (rows as readonly { readonly name: string }[]).map(({ name }) => name);
}

/** Columns that say whose a row is, filled in by themselves, and the policy that asks for them; the same however often it runs. */
function wallsOf(schema: string, name: string, isPersonal: boolean): string {
  const tenant = quoteIdentifier(schema);
  const table = `${tenant}.${quoteIdentifier(name)}`;
  const owner = `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS issuer text NOT NULL DEFAULT ${setting('issuer')}, ADD COLUMN IF NOT EXISTS subject text NOT NULL DEFAULT ${setting('subject')};`;
  const rule = isPersonal ? `${ofTenant} AND ${ofUser}` : ofTenant;
  return `
    ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS tenant_id uuid NOT NULL DEFAULT ${setting('tenant')}::uuid;
    ${isPersonal ? owner : ''}
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS own_rows ON ${table};
    CREATE POLICY own_rows ON ${table} TO ${tenant} USING (${rule}) WITH CHECK (${rule});
    GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${tenant};
  `;
}

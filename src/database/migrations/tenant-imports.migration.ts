import type { MigrationInterface, QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../identifiers.js';

const currentTenant = `(SELECT nullif(current_setting('app.tenant', true), '')::uuid)`;

/** What an operator decides about a document, and where documents at addresses were last seen. */
export class TenantImports implements MigrationInterface {
  readonly name = 'TenantImports1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    const tenant = quoteIdentifier((await runner.getCurrentSchema()) ?? '');
    await runner.query(`
      ALTER TABLE ${tenant}.api_revisions
        ADD COLUMN externals jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN state text NOT NULL DEFAULT 'approved' CHECK (state IN ('approved', 'waiting', 'rejected', 'superseded')),
        ADD COLUMN changes jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN report jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN decided_at timestamptz;
      -- A document is what its hash says; only what is decided about it changes.
      REVOKE UPDATE, DELETE ON ${tenant}.api_revisions FROM ${tenant};
      GRANT UPDATE (state, changes, report, decided_at) ON ${tenant}.api_revisions TO ${tenant};

      CREATE TABLE ${tenant}.api_sources (
        tenant_id uuid NOT NULL,
        api text PRIMARY KEY,
        url text NOT NULL,
        etag text,
        last_modified text,
        checked_at timestamptz,
        failure text,
        lease_owner uuid,
        lease_token bigint NOT NULL DEFAULT 0,
        lease_expires_at timestamptz
      );
      ALTER TABLE ${tenant}.api_sources ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY own_rows ON ${tenant}.api_sources TO ${tenant}
        USING (tenant_id = ${currentTenant}) WITH CHECK (tenant_id = ${currentTenant});
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${tenant}.api_sources TO ${tenant};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE api_sources;
      ALTER TABLE api_revisions DROP COLUMN externals, DROP COLUMN state, DROP COLUMN changes, DROP COLUMN report, DROP COLUMN decided_at;
    `);
  }
}

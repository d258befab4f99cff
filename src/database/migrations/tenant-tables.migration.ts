import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditRole, quoteIdentifier } from '../identifiers.js';

/** A setting that was once SET LOCAL reads as '' for the rest of the session, and '' is no UUID: it must mean no tenant. */
const currentTenant = `(SELECT nullif(current_setting('app.tenant', true), '')::uuid)`;

/** API revisions and the audit trail of one tenant; runs in the tenant's schema, whose role has the same name. */
export class TenantTables implements MigrationInterface {
  readonly name = 'TenantTables1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    const tenant = quoteIdentifier((await runner.getCurrentSchema()) ?? '');
    await runner.query(`
      CREATE TABLE ${tenant}.api_revisions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_id uuid NOT NULL,
        api text NOT NULL,
        hash text NOT NULL,
        document bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (api, hash)
      );
      ALTER TABLE ${tenant}.api_revisions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY own_rows ON ${tenant}.api_revisions TO ${tenant}
        USING (tenant_id = ${currentTenant}) WITH CHECK (tenant_id = ${currentTenant});
      GRANT SELECT, INSERT, UPDATE, DELETE ON ${tenant}.api_revisions TO ${tenant};

      CREATE TABLE ${tenant}.audit (
        tenant_id uuid NOT NULL,
        writer uuid NOT NULL,
        seq bigint NOT NULL,
        prev_hash bytea NOT NULL,
        hash bytea NOT NULL,
        call_id text NOT NULL,
        kind text NOT NULL,
        at timestamptz NOT NULL,
        request_id text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        client_id text,
        actor text,
        api text,
        tool text NOT NULL,
        decision text NOT NULL,
        result text,
        upstream_status integer,
        duration_ms double precision,
        scopes text[],
        argument_digest text,
        address text NOT NULL,
        PRIMARY KEY (writer, seq)
      );
      CREATE INDEX audit_at ON ${tenant}.audit (at);
      ALTER TABLE ${tenant}.audit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY own_rows ON ${tenant}.audit FOR SELECT TO ${tenant} USING (tenant_id = ${currentTenant});
      CREATE POLICY append ON ${tenant}.audit FOR INSERT TO ${auditRole} WITH CHECK (true);
      GRANT SELECT ON ${tenant}.audit TO ${tenant};
      GRANT INSERT ON ${tenant}.audit TO ${auditRole};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit, api_revisions');
  }
}

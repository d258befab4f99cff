import type { MigrationInterface, QueryRunner } from 'typeorm';
import { quoteIdentifier } from '../identifiers.js';

const currentTenant = `(SELECT nullif(current_setting('app.tenant', true), '')::uuid)`;

/** What users connected, sealed, and the authorizations they are in the middle of; in the tenant's schema. */
export class Vault implements MigrationInterface {
  readonly name = 'Vault1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const tenant = quoteIdentifier((await runner.getCurrentSchema()) ?? '');
    await runner.query(`
      -- Keys that rows are sealed with, each wrapped by a key that is not in the database. The newest seals.
      CREATE TABLE ${tenant}.data_keys (
        tenant_id uuid NOT NULL,
        id uuid PRIMARY KEY,
        wrapped_by text NOT NULL,
        wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE ${tenant}.connections (
        tenant_id uuid NOT NULL,
        name text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        -- What is configured under the name may change.
        issued_by text NOT NULL,
        state text NOT NULL CHECK (state IN ('connected', 'lost')),
        data_key uuid NOT NULL REFERENCES ${tenant}.data_keys (id),
        sealed bytea NOT NULL,
        -- Another one with every change of what is sealed; random, so that a row that was removed and made anew repeats none.
        version uuid NOT NULL DEFAULT gen_random_uuid(),
        scopes text[],
        expires_at timestamptz,
        connected_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz,
        lease_owner uuid,
        lease_token bigint NOT NULL DEFAULT 0,
        lease_expires_at timestamptz,
        -- Set before a refresh token is sent: what is set and was never cleared was sent by a process that died.
        sent_at timestamptz,
        PRIMARY KEY (name, issuer, subject)
      );
      CREATE TABLE ${tenant}.authorizations (
        tenant_id uuid NOT NULL,
        state_hash bytea PRIMARY KEY,
        name text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        session_hash bytea NOT NULL,
        data_key uuid NOT NULL REFERENCES ${tenant}.data_keys (id),
        sealed_verifier bytea NOT NULL,
        redirect_uri text NOT NULL,
        expires_at timestamptz NOT NULL
      );
    `);
    for (const table of ['data_keys', 'connections', 'authorizations']) {
      await runner.query(`
        ALTER TABLE ${tenant}.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY own_rows ON ${tenant}.${table} TO ${tenant}
          USING (tenant_id = ${currentTenant}) WITH CHECK (tenant_id = ${currentTenant});
        GRANT SELECT, INSERT, UPDATE, DELETE ON ${tenant}.${table} TO ${tenant};
      `);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authorizations, connections, data_keys');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys, what administrators revoked, and the identities that came in; in the schema `gatehouse`. */
export class SignInTables implements MigrationInterface {
  readonly name = 'SignInTables1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gatehouse.api_keys (
        id text PRIMARY KEY CHECK (id ~ '^[0-9a-z]{16}$'),
        provider text NOT NULL,
        hmac bytea NOT NULL CHECK (length(hmac) = 32),
        name text NOT NULL,
        owner text NOT NULL,
        tenant text NOT NULL,
        scopes text[] NOT NULL DEFAULT '{}',
        roles text[] NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        revoked_at timestamptz,
        replaces text REFERENCES gatehouse.api_keys (id)
      );
      CREATE TABLE gatehouse.revocations (
        id bigserial PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('token', 'subject', 'client', 'provider', 'tenant')),
        provider text,
        value text NOT NULL,
        reason text NOT NULL DEFAULT '',
        revoked_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        CHECK ((provider IS NULL) = (kind IN ('provider', 'tenant')))
      );
      CREATE TABLE gatehouse.identities (
        provider text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        email text NOT NULL,
        first_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, issuer, subject, email)
      );
      CREATE INDEX ON gatehouse.identities (email);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gatehouse.identities, gatehouse.revocations, gatehouse.api_keys');
  }
}

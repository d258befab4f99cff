import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tenants, applied configuration, epochs and counted refusals; runs in the schema `gatehouse`. */
export class ControlTables implements MigrationInterface {
  readonly name = 'ControlTables1763700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gatehouse.tenants (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        schema_name text NOT NULL UNIQUE,
        role_name text NOT NULL UNIQUE,
        state text NOT NULL CHECK (state IN ('active', 'suspended')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE gatehouse.revisions (
        id bigserial PRIMARY KEY,
        content jsonb NOT NULL,
        hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE gatehouse.epochs (
        topic text PRIMARY KEY,
        value bigint NOT NULL
      );
      CREATE TABLE gatehouse.security_events (
        window_start timestamptz NOT NULL,
        reason text NOT NULL,
        provider text NOT NULL,
        address text NOT NULL,
        count bigint NOT NULL CHECK (count > 0),
        PRIMARY KEY (window_start, reason, provider, address)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gatehouse.security_events, gatehouse.epochs, gatehouse.revisions, gatehouse.tenants');
  }
}

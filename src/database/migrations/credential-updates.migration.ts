import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What credential services said has changed, for every replica to hear; in the schema `gatehouse`. */
export class CredentialUpdateTable implements MigrationInterface {
  readonly name = 'CredentialUpdateTable1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gatehouse.credential_updates (
        id bigserial PRIMARY KEY,
        delivery bytea NOT NULL UNIQUE,
        updates jsonb NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX ON gatehouse.credential_updates (received_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gatehouse.credential_updates');
  }
}

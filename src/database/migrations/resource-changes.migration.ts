import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which resources changed lately, for every replica to tell who listens; in the schema `gatehouse`. */
export class ResourceChangeTable implements MigrationInterface {
  readonly name = 'ResourceChangeTable1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gatehouse.resource_changes (
        id bigserial PRIMARY KEY,
        tenant uuid NOT NULL,
        owner text,
        uri text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX ON gatehouse.resource_changes (changed_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gatehouse.resource_changes');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that all replicas share and nobody configures, one for each purpose; in the schema `gatehouse`. */
export class GatewayKeyTable implements MigrationInterface {
  readonly name = 'GatewayKeyTable1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    // Two UUIDs of version 4 have 244 random bits, from the server's strong random source.
    await runner.query(`
      CREATE TABLE gatehouse.gateway_keys (purpose text PRIMARY KEY, key bytea NOT NULL);
      INSERT INTO gatehouse.gateway_keys (purpose, key) VALUES ('request-state', sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gatehouse.gateway_keys');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lets the runtime login put another stored document of an API in force, and change nothing else of the configuration: the
 * new revision is the newest one with that one hash replaced.
 */
export class DocumentAdoption implements MigrationInterface {
  readonly name = 'DocumentAdoption1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION gatehouse.adopt_document(document_key text, expected text, adopted text) RETURNS bigint
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      DECLARE
        newest jsonb;
        stored bigint;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse:revisions', 0));
        SELECT content INTO newest FROM gatehouse.revisions ORDER BY id DESC LIMIT 1;
        IF adopted !~ '^[0-9a-f]{64}$' OR newest -> 'documents' ->> document_key IS DISTINCT FROM expected THEN
          RETURN NULL;
        END IF;
        newest := jsonb_set(newest, ARRAY['documents', document_key], to_jsonb(adopted), false);
        INSERT INTO gatehouse.revisions (content, hash)
          VALUES (newest, encode(sha256(convert_to(newest::text, 'UTF8')), 'hex')) RETURNING id INTO stored;
        INSERT INTO gatehouse.epochs AS e (topic, value) VALUES ('configuration', 1)
          ON CONFLICT (topic) DO UPDATE SET value = e.value + 1;
        PERFORM pg_notify('gatehouse_epochs', 'configuration');
        RETURN stored;
      END $body$;
      REVOKE ALL ON FUNCTION gatehouse.adopt_document(text, text, text) FROM PUBLIC;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION gatehouse.adopt_document(text, text, text)');
  }
}

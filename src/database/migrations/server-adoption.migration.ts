import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The definitions of an MCP server are read while replicas run, so that a replica may also put the first of them in force: `expected` is null then. */
export class ServerAdoption implements MigrationInterface {
  readonly name = 'ServerAdoption1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(adoptDocument(true));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(adoptDocument(false));
  }
}

/** As in migration `DocumentAdoption`, but for whether a key that is not there yet is added; it keeps its rights. */
const adoptDocument = (mayAdd: boolean): string => `
  CREATE OR REPLACE FUNCTION gatehouse.adopt_document(document_key text, expected text, adopted text) RETURNS bigint
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
    newest := jsonb_set(newest, ARRAY['documents', document_key], to_jsonb(adopted), ${mayAdd});
    INSERT INTO gatehouse.revisions (content, hash)
      VALUES (newest, encode(sha256(convert_to(newest::text, 'UTF8')), 'hex')) RETURNING id INTO stored;
    INSERT INTO gatehouse.epochs AS e (topic, value) VALUES ('configuration', 1)
      ON CONFLICT (topic) DO UPDATE SET value = e.value + 1;
    PERFORM pg_notify('gatehouse_epochs', 'configuration');
    RETURN stored;
  END $body$;
`;

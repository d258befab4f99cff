import type { GroupTables } from '../database/group.tables.js';

/** Words of a row, those of its name before those of its text; the same for every language. */
const searchOf = (name: string, text: string): string =>
  `search tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', ${name}), 'A') || setweight(to_tsvector('simple', ${text}), 'B')) STORED`;

const times = 'created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()';

const tables = `
  CREATE TABLE workspace_projects (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL, description text NOT NULL, ${times},
    ${searchOf('title', 'description')}
  );
  CREATE TABLE workspace_todos (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), project uuid, title text NOT NULL, notes text NOT NULL, due date, done boolean NOT NULL DEFAULT false, ${times},
    ${searchOf('title', 'notes')}
  );
  CREATE TABLE workspace_documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), project uuid, title text NOT NULL, text text NOT NULL, version integer NOT NULL DEFAULT 1, ${times},
    ${searchOf('title', 'text')}
  );
  CREATE TABLE workspace_attachments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), document uuid NOT NULL, name text NOT NULL, media_type text NOT NULL, content bytea NOT NULL,
    size integer GENERATED ALWAYS AS (octet_length(content)) STORED, ${times},
    ${searchOf(`translate(name, '._-', '   ')`, `''::text`)}
  );
  ALTER TABLE workspace_attachments ALTER COLUMN content SET STORAGE EXTERNAL;
  CREATE INDEX ON workspace_projects USING gin (search);
  CREATE INDEX ON workspace_todos USING gin (search);
  CREATE INDEX ON workspace_documents USING gin (search);
  CREATE INDEX ON workspace_attachments USING gin (search);
`;

/** A foreign key is checked past every policy, so that it has the user in it: nobody's row points to another user's. */
const keys = `
  ALTER TABLE workspace_projects ADD UNIQUE (issuer, subject, id);
  ALTER TABLE workspace_documents ADD UNIQUE (issuer, subject, id);
  ALTER TABLE workspace_todos ADD FOREIGN KEY (issuer, subject, project) REFERENCES workspace_projects (issuer, subject, id) ON DELETE CASCADE;
  ALTER TABLE workspace_documents ADD FOREIGN KEY (issuer, subject, project) REFERENCES workspace_projects (issuer, subject, id) ON DELETE SET NULL (project);
  ALTER TABLE workspace_attachments ADD FOREIGN KEY (issuer, subject, document) REFERENCES workspace_documents (issuer, subject, id) ON DELETE CASCADE;
  CREATE INDEX ON workspace_todos (issuer, subject, project);
  CREATE INDEX ON workspace_documents (issuer, subject, project);
  CREATE INDEX ON workspace_attachments (issuer, subject, document);
`;

/** Vectors are pgvector's where everybody may use that extension here, else arrays. */
const embeddings = `
  DO $$
  DECLARE
    place name := (
      SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector' AND has_schema_privilege('public', n.oid, 'USAGE')
    );
  BEGIN
    EXECUTE format(
      'CREATE TABLE workspace_embeddings (document uuid PRIMARY KEY, version integer NOT NULL, model text NOT NULL, dimensions integer NOT NULL, vector %s NOT NULL)',
      CASE WHEN place IS NULL THEN 'real[]' ELSE format('%I.vector', place) END
    );
  END $$;
`;

const embeddingKeys = `
  ALTER TABLE workspace_embeddings ADD FOREIGN KEY (issuer, subject, document) REFERENCES workspace_documents (issuer, subject, id) ON DELETE CASCADE;
  CREATE INDEX ON workspace_embeddings (issuer, subject, document);
`;

/** What the workspace keeps, all of it each user's own. */
export const workspaceTables: GroupTables = {
  migrations: [tables, keys, embeddings, embeddingKeys],
  personal: ['workspace_projects', 'workspace_todos', 'workspace_documents', 'workspace_attachments', 'workspace_embeddings'],
};

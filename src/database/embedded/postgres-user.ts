/** Whom PostgreSQL runs as; undefined means as ourselves. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

const nobody: PostgresUser = { uid: 65_534, gid: 65_534 };

/** PostgreSQL refuses to run as root, so under root it runs as nobody. */
export function postgresUser(): PostgresUser | undefined {
  return process.getuid?.() === 0 ? nobody : undefined;
}

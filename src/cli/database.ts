import type { LoadedConfiguration } from '../config/configuration.file.js';
import type { Environment } from '../config/environment.js';
import { SecretReader } from '../config/secret-reference.js';
import type { DatabaseUrls } from '../database/database-urls.js';
import { provideRuntimeLogin } from '../database/runtime-login.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';

/** The database of a command: the operator's, or the embedded one that lives as long as the command. */
export interface CommandDatabase {
  readonly urls: DatabaseUrls;
  stop(): Promise<void>;
}

export async function openDatabase({ settings, folder }: LoadedConfiguration, environment: Environment): Promise<CommandDatabase> {
  const { embedded, url, directUrl, adminUrl, connectionString } = settings.database;
  if (embedded) return startEmbeddedPostgres({ checkout: folder, log: (line) => console.error(line) });
  const reader = new SecretReader(folder, environment);
  if (connectionString !== undefined) {
    const setting = connectionString.replace(/^env:/, '');
    return { urls: await provideRuntimeLogin(reader.read(connectionString, 'database.connectionString'), setting), stop: async () => undefined };
  }
  const runtime = reader.read(url ?? '', 'database.url');
  return {
    urls: {
      url: runtime,
      directUrl: directUrl === undefined ? runtime : reader.read(directUrl, 'database.directUrl'),
      adminUrl: adminUrl === undefined ? undefined : reader.read(adminUrl, 'database.adminUrl'),
    },
    stop: async () => undefined,
  };
}

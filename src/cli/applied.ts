import { loadConfiguration } from '../config/configuration.file.js';
import { revisionSchema, type RevisionContent } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { SecretReader } from '../config/secret-reference.js';
import { openDataSource } from '../database/database.module.js';
import { loadNewestRevision } from '../database/revisions.apply.js';
import { TenantEntity } from '../tenancy/tenant.entity.js';
import { CommandError } from './command.error.js';
import { openDatabase } from './database.js';

/** The database of a gateway whose configuration was applied, as an operator's command works on it. */
export interface AppliedGateway {
  readonly source: Awaited<ReturnType<typeof openDataSource>>;
  readonly content: RevisionContent;
  readonly secrets: SecretReader;
}

/** @param config undefined when environment variables are all there is @throws CommandError before the first apply */
export async function withApplied(config: string | undefined, environment: Environment, work: (gateway: AppliedGateway) => Promise<number>): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const database = await openDatabase(configuration, environment);
  try {
    const source = await openDataSource(database.urls, [TenantEntity], { max: 1 });
    try {
      const newest = await loadNewestRevision(source);
      if (!newest) throw new CommandError('the database holds no applied configuration yet; run "gatehouse apply --config FILE" first');
      return await work({ source, content: revisionSchema.parse(newest.content), secrets: new SecretReader(configuration.folder, environment) });
    } finally {
      await source.destroy();
    }
  } finally {
    await database.stop();
  }
}

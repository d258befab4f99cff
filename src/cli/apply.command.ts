import { documentHashes, importDocuments, overlayTexts, type AppliedDocument } from '../catalog/documents.apply.js';
import { isEntries, loadNativeModules } from '../catalog/native/native.modules.js';
import { prepareDocuments } from '../catalog/prepare-documents.js';
import { loadConfiguration, type LoadedConfiguration } from '../config/configuration.file.js';
import { moduleFiles } from '../config/operator-module.js';
import { liveSettingsOf, type RevisionContent } from '../config/configuration.schema.js';
import { readEmbeddingsKey } from '../config/embeddings-key.js';
import type { Environment } from '../config/environment.js';
import { readEgress } from '../config/live-egress.js';
import { SecretReader } from '../config/secret-reference.js';
import type { DatabaseUrls } from '../database/database-urls.js';
import { groupMigrations } from '../database/group.tables.js';
import { migrateControl } from '../database/migrate.js';
import { storeRevision } from '../database/revisions.apply.js';
import { applyTenants } from '../tenancy/tenants.apply.js';
import { workspaceTables } from '../workspace/workspace.tables.js';
import type { CommandInput } from './configured.command.js';
import { openDatabase } from './database.js';
import { describeApplied } from './import-report.js';
import { checkStrategies } from './strategies.check.js';
import { toolsetNotices } from './toolset-notices.js';

/** What an apply did. */
export interface Applied {
  readonly revision: string;
  readonly changed: boolean;
  readonly documents: readonly AppliedDocument[];
}

export async function apply({ config, environment }: CommandInput): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const database = await openDatabase(configuration, environment);
  try {
    const { revision, changed, documents } = await applyConfiguration(configuration, environment, database.urls);
    if (documents.length > 0) console.log(describeApplied(documents));
    for (const notice of toolsetNotices(configuration.settings, documents)) console.log(`warning: ${notice}`);
    console.log(changed ? `applied as revision ${revision}` : `nothing to do: revision ${revision} is the same`);
    return 0;
  } finally {
    await database.stop();
  }
}

/**
 * Brings the database to the configuration. All that can be wrong is found before anything is changed; the revision comes
 * last, so that replicas take it over when everything it names is there.
 */
export async function applyConfiguration(configuration: LoadedConfiguration, environment: Environment, urls: DatabaseUrls): Promise<Applied> {
  const { settings, folder } = configuration;
  await checkStrategies(configuration, environment);
  const groups = [
    ...(settings.workspace ? groupMigrations('workspace', workspaceTables) : []),
    ...loadNativeModules(moduleFiles(configuration)).filter(isEntries).flatMap(({ group, tables }) => (tables ? groupMigrations(group, tables) : [])),
  ];
  const secrets = new SecretReader(folder, environment);
  readEmbeddingsKey(settings.workspace?.embeddings, secrets);
  const prepared = await prepareDocuments(settings, folder, readEgress(settings, secrets));
  await migrateControl(urls);
  await applyTenants(urls, new Map(Object.entries(settings.tenants).map(([name, { state }]) => [name, state])), groups);
  const { documents, servers } = await importDocuments(urls, prepared, settings.servers);
  const content: RevisionContent = { settings: liveSettingsOf(settings), documents: { ...documentHashes(documents), ...servers }, overlays: overlayTexts(documents) };
  const { id, changed } = await storeRevision(urls, content);
  return { revision: id, changed, documents };
}

import { prepareDocuments } from '../catalog/prepare-documents.js';
import { loadConfiguration } from '../config/configuration.file.js';
import { readSecrets } from '../config/live-secrets.js';
import { SecretReader } from '../config/secret-reference.js';
import type { CommandInput } from './configured.command.js';
import { describeImports } from './import-report.js';

/** Validates everything that can be validated without a database: the file, its secrets, the documents it names. */
export async function check({ config, environment }: CommandInput): Promise<number> {
  const { settings, folder } = loadConfiguration(config, environment);
  readSecrets(settings, new SecretReader(folder, environment));
  const documents = await prepareDocuments(settings, folder);
  if (documents.length > 0) console.log(describeImports(documents));
  console.log(`${config} is valid`);
  return 0;
}

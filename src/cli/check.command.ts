import { loadNativeModules } from '../catalog/native/native.modules.js';
import { prepareDocuments } from '../catalog/prepare-documents.js';
import { loadConfiguration } from '../config/configuration.file.js';
import { describeEffective } from '../config/effective.js';
import { startNotices } from '../config/sign-in.checks.js';
import { readEgress } from '../config/live-egress.js';
import { moduleFiles } from '../config/operator-module.js';
import { SecretReader } from '../config/secret-reference.js';
import type { CommandInput } from './configured.command.js';
import { describeImports } from './import-report.js';
import { checkStrategies } from './strategies.check.js';
import { toolsetNotices } from './toolset-notices.js';

/** Validates everything that can be validated without a database: the file, its secrets, the documents it names. */
export async function check({ config, environment }: CommandInput): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const { settings, folder } = configuration;
  await checkStrategies(configuration, environment);
  loadNativeModules(moduleFiles(configuration));
  const documents = await prepareDocuments(settings, folder, readEgress(settings, new SecretReader(folder, environment)));
  if (documents.length > 0) console.log(describeImports(documents));
  console.log(describeEffective(settings));
  for (const notice of [...startNotices(settings), ...toolsetNotices(settings, documents)]) console.log(`warning: ${notice}`);
  console.log(`${config ?? 'the environment'} is valid`);
  return 0;
}

import { Egress } from '@gatehouse-mcp/egress';
import { SignIn } from '../auth/sign-in.js';
import { StrategyParts } from '../auth/strategy-parts.js';
import type { LoadedConfiguration } from '../config/configuration.file.js';
import type { Environment } from '../config/environment.js';
import type { LiveSnapshot } from '../config/live-configuration.js';
import { createEgress } from '../config/live-egress.js';
import { readSecrets } from '../config/live-secrets.js';
import { SecretReader } from '../config/secret-reference.js';
import { createLinks } from '../credentials/strategies.js';
import { readVaultKeys } from '../credentials/vault/key-encryption.js';
import { GrantedTokens } from '../token-exchange/granted.tokens.js';
import { TokenEndpoints } from '../token-exchange/token.endpoints.js';
import { withoutMemory } from './without-memory.js';

type Snapshot = Pick<LiveSnapshot, 'settings' | 'secrets' | 'egress'>;

/** A key of the database cannot be judged without it. */
const noKeys = { find: () => undefined, markUsed: () => undefined };

/**
 * Makes each provider's strategy and each link of a chain once, as a start does, without asking anybody anything: secrets that are missing or no use, and
 * modules that make no verifier, are found here.
 * @throws ConfigurationError
 */
export async function checkStrategies(configuration: LoadedConfiguration, environment: Environment): Promise<void> {
  await withStrategyParts(configuration, environment, async (parts, snapshot) => {
    await SignIn.create(configuration.settings, (id) => parts.contextOf(id, snapshot));
    readVaultKeys(snapshot);
    const egress = new Egress();
    const endpoints = new TokenEndpoints(() => egress);
    createLinks({ ...snapshot, revision: '', endpoints, tokens: new GrantedTokens(), ...withoutMemory });
    await endpoints.onApplicationShutdown();
  });
}

/** What strategies are made from, without a gateway around them; closed when the work is done. */
export async function withStrategyParts<T>({ settings, folder }: LoadedConfiguration, environment: Environment, work: (parts: StrategyParts, snapshot: Snapshot) => Promise<T>): Promise<T> {
  const files = new SecretReader(folder, environment);
  const secrets = readSecrets(settings, files);
  const egress = createEgress(settings, secrets, files.noProxy);
  const parts = new StrategyParts(() => egress, files, noKeys);
  try {
    return await work(parts, { settings, secrets, egress });
  } finally {
    await parts.onApplicationShutdown();
  }
}

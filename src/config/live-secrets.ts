import type { Secret } from '@gatehouse-mcp/oauth';
import type { LiveSettings } from './configuration.schema.js';
import type { ProviderSettings } from './provider.schema.js';
import type { SecretReader } from './secret-reference.js';

/** A secret reference, and the setting that holds it. */
type Reference = readonly [reference: string | undefined, setting: string];

/**
 * Every secret that the live settings refer to, by its reference.
 * @throws ConfigurationError naming the first setting whose secret is missing
 */
export function readSecrets({ apis, providers }: LiveSettings, reader: SecretReader): ReadonlyMap<string, Secret> {
  const references: readonly Reference[] = [
    ...Object.entries(providers).flatMap(([id, provider]) => secretsOf(provider, `providers.${id}`)),
    ...apis.flatMap(({ credentials }, index) =>
      credentials.map((link, position): Reference => [link.type === 'none' ? undefined : link.clientSecret, `apis[${index}].credentials[${position}].clientSecret`]),
    ),
  ];
  const secrets = new Map<string, Secret>();
  for (const [reference, setting] of references) if (reference !== undefined) secrets.set(reference, reader.read(reference, setting));
  return secrets;
}

function secretsOf(provider: ProviderSettings, at: string): readonly Reference[] {
  switch (provider.preset) {
    case 'entra':
      return [[provider.groupOverage?.clientSecret, `${at}.groupOverage.clientSecret`]];
    case 'google':
    case 'github':
      return [[provider.clientSecret, `${at}.clientSecret`]];
    case 'introspection':
      return [
        [provider.clientSecret, `${at}.clientSecret`],
        [provider.privateKey, `${at}.privateKey`],
      ];
    case 'apiKey':
      return [[provider.hmacKey, `${at}.hmacKey`], ...provider.staticKeys.map(({ key }, index): Reference => [key, `${at}.staticKeys[${index}].key`])];
    case 'custom':
      return Object.entries(provider.secrets).map(([name, reference]): Reference => [reference, `${at}.secrets.${name}`]);
    default:
      return [];
  }
}

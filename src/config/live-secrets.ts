import type { Secret } from '@gatehouse-mcp/oauth';
import type { LiveSettings } from './configuration.schema.js';
import type { SecretReader } from './secret-reference.js';

/**
 * Every secret that the live settings refer to, by its reference.
 * @throws ConfigurationError naming the first setting whose secret is missing
 */
export function readSecrets({ apis }: LiveSettings, reader: SecretReader): ReadonlyMap<string, Secret> {
  const secrets = new Map<string, Secret>();
  for (const [index, { credentials }] of apis.entries()) {
    for (const [position, link] of credentials.entries()) {
      if (link.type === 'none') continue;
      secrets.set(link.clientSecret, reader.read(link.clientSecret, `apis[${index}].credentials[${position}].clientSecret`));
    }
  }
  return secrets;
}

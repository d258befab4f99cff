import type { Secret } from '@gatehouse-mcp/oauth';
import type { LiveSettings } from './configuration.schema.js';
import type { CredentialSettings } from './credential.schema.js';
import { placedCredentials } from './credentialed.js';
import type { ProviderSettings } from './provider.schema.js';
import type { SecretReader } from './secret-reference.js';

/** A secret reference, and the setting that holds it. */
type Reference = readonly [reference: string | undefined, setting: string];

/**
 * Every secret that the live settings refer to, by its reference.
 * @throws ConfigurationError naming the first setting whose secret is missing
 */
export function readSecrets(settings: LiveSettings, reader: SecretReader): ReadonlyMap<string, Secret> {
  const { connections, egress, providers, vault } = settings;
  const references: readonly Reference[] = [
    ...Object.entries(providers).flatMap(([id, provider]) => [...secretsOf(provider, `providers.${id}`), ...secretsOfBrowser(provider, `providers.${id}`)]),
    ...connections.flatMap((connection, index) => (connection.type === 'oauth' ? proofOf(connection, `connections[${index}]`) : [])),
    ...(vault?.keys ?? []).map((key, index): Reference => [key, `vault.keys[${index}]`]),
    ...placedCredentials(settings).flatMap((placed) => secretsOfLink(placed.settings, placed.setting)),
    ...secretsOfEgress(egress),
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

const secretsOfBrowser = (provider: ProviderSettings, at: string): readonly Reference[] => ('browser' in provider ? [[provider.browser?.clientSecret, `${at}.browser.clientSecret`]] : []);

function secretsOfEgress({ proxy, ca, clientCertificates }: LiveSettings['egress']): readonly Reference[] {
  return [
    [proxy, 'egress.proxy'],
    [ca, 'egress.ca'],
    ...clientCertificates.flatMap(({ certificate, privateKey, passphrase }, index): readonly Reference[] => [
      [certificate, `egress.clientCertificates[${index}].certificate`],
      [privateKey, `egress.clientCertificates[${index}].privateKey`],
      [passphrase, `egress.clientCertificates[${index}].passphrase`],
    ]),
  ];
}

function secretsOfLink(link: CredentialSettings, at: string): readonly Reference[] {
  switch (link.type) {
    case 'token-exchange':
      return [...proofOf(link, at), [link.actor?.clientSecret, `${at}.actor.clientSecret`]];
    case 'entra-obo':
      return [...proofOf(link, at), [link.certificate, `${at}.certificate`]];
    case 'jwt-bearer':
      return [...proofOf(link, at), [link.signed?.serviceAccount, `${at}.signed.serviceAccount`], [link.signed?.privateKey, `${at}.signed.privateKey`]];
    case 'client-credentials':
      return proofOf(link, at);
    case 'api-key':
      return [[link.value, `${at}.value`]];
    case 'resolver':
      return [[link.serviceToken, `${at}.serviceToken`], [link.webhookSecret, `${at}.webhookSecret`], ...proofOf(link.exchange ?? {}, `${at}.exchange`)];
    case 'vault':
    case 'user-secret':
    case 'none':
      return [];
  }
}

const proofOf = ({ clientSecret, privateKey }: { readonly clientSecret?: string | undefined; readonly privateKey?: string | undefined }, at: string): readonly Reference[] => [
  [clientSecret, `${at}.clientSecret`],
  [privateKey, `${at}.privateKey`],
];

import { hash } from 'node:crypto';
import type { Secret } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../../config/configuration.error.js';
import type { LiveSnapshot } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { seal, unseal } from './sealing.js';

const KEY_MISSING = { code: 'vault_key_missing', status: 503 };

/** Wraps the keys that data is sealed with. Keys from `env:` and `file:` are one kind; a cloud's key management is another. */
export interface KeyEncryption {
  /** Names the key that `wrap` uses. */
  readonly current: string;
  /** @param context what the data key belongs to */
  wrap(dataKey: Buffer, context: string): Promise<Buffer>;
  /** @throws GatewayError `vault_key_missing` when there is no such key, Error when it did not wrap this */
  unwrap(keyId: string, wrapped: Buffer, context: string): Promise<Buffer>;
}

/**
 * The keys of `vault.keys`.
 * @throws ConfigurationError for a key that is none
 */
export function readVaultKeys({ settings, secrets }: Pick<LiveSnapshot, 'settings' | 'secrets'>): KeyEncryption | undefined {
  const keys = (settings.vault?.keys ?? []).map((reference, index) => readKey(secrets.get(reference), `vault.keys[${index}]`));
  const [first] = keys;
  if (!first) return undefined;
  const byId = new Map(keys.map((key) => [nameOf(key), key]));
  return {
    current: nameOf(first),
    wrap: async (dataKey, context) => seal(first, dataKey, context),
    unwrap: async (id, wrapped, context) => {
      const key = byId.get(id);
      if (!key) throw new GatewayError(KEY_MISSING, `vault.keys has no key ${id}, which connections of this tenant are encrypted with`);
      return unseal(key, wrapped, context);
    },
  };
}

/** Tells keys apart without saying anything of them. */
const nameOf = (key: Buffer): string => hash('sha256', Buffer.concat([Buffer.from('gatehouse vault key '), key]), 'hex').slice(0, 16);

function readKey(secret: Secret | undefined, setting: string): Buffer {
  const text = secret?.reveal().trim() ?? '';
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length !== 32 || (key.toString('hex') !== text.toLowerCase() && !isBase64Of(text, key))) {
    throw new ConfigurationError('the configuration', [{ path: setting, message: 'is no key of 32 bytes in hexadecimal or base64; make one with: openssl rand -hex 32' }]);
  }
  return key;
}

const isBase64Of = (text: string, key: Buffer): boolean => key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');

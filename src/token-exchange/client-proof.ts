import { readSigningKey, type ClientAuthentication, type SigningAlgorithm } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../config/configuration.error.js';
import type { LinkContext } from './credential.strategy.js';

/** How a link's settings say that its client proves itself. */
interface ProofSettings {
  readonly clientSecret?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly keyId?: string | undefined;
  readonly signingAlgorithm: SigningAlgorithm;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'tls_client_auth';
}

/** @throws ConfigurationError when the private key is none */
export function readProof({ setting, secret }: Pick<LinkContext, 'setting' | 'secret'>, settings: ProofSettings): ClientAuthentication {
  const { clientSecret, privateKey, keyId, signingAlgorithm, clientAuthentication: method } = settings;
  if (method === 'tls_client_auth') return { method };
  if (privateKey === undefined) return { method, secret: secret(clientSecret ?? '') };
  return { method: 'private_key_jwt', key: judgeKey(`${setting}.privateKey`, () => readSigningKey(secret(privateKey), signingAlgorithm)), keyId };
}

/** Hands on what `read` makes; what it throws becomes a problem of the setting. */
export function judgeKey<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigurationError('the configuration', [{ path: setting, message: error instanceof Error ? error.message : 'cannot be read' }]);
  }
}

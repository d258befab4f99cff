import { createPrivateKey, randomUUID, X509Certificate, type KeyObject } from 'node:crypto';
import { Secret } from './secret.js';

/** Algorithms that assertions are signed with (RFC 7518 §3.1). */
export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256';

const parameters = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

/**
 * A private key in PEM (PKCS #8) for signing with an algorithm.
 * @throws Error when it is none; the message holds nothing of it
 */
export function readSigningKey(pem: Secret, algorithm: SigningAlgorithm): CryptoKey {
  try {
    return createPrivateKey(pem.reveal()).toCryptoKey(parameters[algorithm], false, ['sign']);
  } catch {
    throw new Error(`is no private key in PEM for ${algorithm}`);
  }
}

/**
 * SHA-256 thumbprint of a certificate in PEM, for the header `x5t#S256` (RFC 7515 §4.1.8).
 * @throws Error when it is none, or not the one of the key
 */
export function certificateThumbprint(certificate: string, pem: Secret): string {
  let parsed: X509Certificate;
  let key: KeyObject;
  try {
    parsed = new X509Certificate(certificate);
    key = createPrivateKey(pem.reveal());
  } catch {
    throw new Error('is no certificate in PEM');
  }
  if (!parsed.checkPrivateKey(key)) throw new Error('is not the certificate of the private key');
  return Buffer.from(parsed.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}

/** What an assertion says (RFC 7523 §3), and who signs it. */
export interface AssertionContent {
  readonly key: CryptoKey;
  readonly algorithm: SigningAlgorithm;
  readonly keyId: string | undefined;
  readonly issuer: string;
  readonly subject: string;
  /** The token endpoint or its authorization server. */
  readonly audience: string;
  /** Claims beside those of RFC 7523, such as Google's `scope`. */
  readonly more: Readonly<Record<string, string>>;
}

/** Seconds that an assertion is good for: it is used at once. */
const LIFE = 60;

/** An assertion for one use: signed now, expired in a minute. */
export async function signAssertion({ key, algorithm, keyId, issuer, subject, audience, more }: AssertionContent): Promise<Secret> {
  const now = Math.floor(Date.now() / 1_000);
  const header = { alg: algorithm, typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = { ...more, iss: issuer, sub: subject, aud: audience, iat: now, exp: now + LIFE, jti: randomUUID() };
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const how = algorithm === 'RS256' ? parameters.RS256 : algorithm === 'PS256' ? { name: 'RSA-PSS', saltLength: 32 } : { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(how, key, Buffer.from(content));
  return new Secret(`${content}.${Buffer.from(signature).toString('base64url')}`);
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '@gatehouse-mcp/oauth';

const ID = /^[0-9a-z]{16}$/;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
/** 256 bits as base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** A key taken apart: `<prefix>_<id>_<secret>`. */
export interface ApiKeyParts {
  readonly id: string;
  readonly secret: string;
}

/** A new key: the id is public, the secret has 256 random bits. */
export function createApiKey(prefix: string): { readonly id: string; readonly key: Secret } {
  // A byte modulo 36 favours four characters slightly, which an id may do.
  const id = [...randomBytes(16)].map((byte) => ALPHABET[byte % 36]).join('');
  return { id, key: new Secret(`${prefix}_${id}_${randomBytes(32).toString('base64url')}`) };
}

/** @returns undefined for what is no key of this prefix */
export function parseApiKey(prefix: string, key: string): ApiKeyParts | undefined {
  const [, id = '', secret = ''] = new RegExp(`^${prefix}_([^_]*)_(.*)$`, 's').exec(key.slice(0, 200)) ?? [];
  return key.length <= 200 && ID.test(id) && SECRET.test(secret) ? { id, secret } : undefined;
}

/** What the database keeps of a key: HMAC-SHA-256 of id and secret under the operator's key, 32 bytes. */
export function hmacOf(hmacKey: Secret, { id, secret }: ApiKeyParts): Buffer {
  return createHmac('sha256', hmacKey.reveal()).update(`${id}:${secret}`).digest();
}

/** Compares in a time that does not depend on where two texts differ, or on their lengths. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHmac('sha256', COMPARISON_KEY).update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

const COMPARISON_KEY = randomBytes(32);

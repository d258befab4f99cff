import type { CredentialOf } from '../../config/credential.schema.js';
import { GatewayError } from '../../errors/gateway.error.js';

const INVALID = { code: 'invalid_secret', status: 400 };
const LONGEST = 4_096;

/** What a user typed in. */
export interface TypedSecret {
  /** Of `kind: password` only. */
  readonly username: string | undefined;
  readonly secret: string;
}

/**
 * That a request can carry it, in every place where a link puts it.
 * @throws GatewayError `invalid_secret` that says which field, and never what was typed
 */
export function assertSendable({ username = '', secret }: TypedSecret, kind: 'key' | 'password', places: readonly CredentialOf<'user-secret'>['in'][]): void {
  const what = kind === 'key' ? 'the key' : 'the password';
  if (secret === '' || secret.length > LONGEST) throw refuse(`${what} must have 1 to ${LONGEST} characters`);
  if (kind === 'password') {
    // RFC 7617 §2: a colon ends the user name, and neither has control characters.
    if (!/^[^:\p{Cc}]{1,255}$/u.test(username)) throw refuse('the user name must have 1 to 255 characters, without ":"');
    if (/\p{Cc}/u.test(secret)) throw refuse('the password has a control character');
    return;
  }
  if (!/^[\x20-\x7e]+$/.test(secret) || secret.trim() !== secret) throw refuse('the key has spaces around it, or characters that no key has');
  if (places.includes('cookie') && !/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(secret)) throw refuse('the key has characters that cannot stand in a cookie');
}

const refuse = (message: string): GatewayError => new GatewayError(INVALID, message);

import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SecurityEvents } from '../../audit/security-events.js';
import type { Caller } from '../../context/caller.js';
import { onDatabase } from '../../database/database.error.js';

/** Identities that this process has written; whoever comes after is written once more, which changes nothing. */
const LARGEST = 50_000;

/**
 * Remembers who came in with which e-mail address. A new user key with a known address is another person as far as anybody can tell:
 * nothing is linked, and the administrator gets an event.
 */
@Injectable()
export class KnownIdentities {
  readonly #logger = new Logger(KnownIdentities.name);
  readonly #seen = new Set<string>();

  constructor(
    private readonly source: DataSource,
    private readonly securityEvents: SecurityEvents,
  ) {}

  /** No request waits for it; what cannot be written is tried again with the next token of the same user. */
  see({ provider, issuer, subject, email }: Caller): void {
    if (email === undefined) return;
    const key = JSON.stringify([provider, issuer, subject, email]);
    if (this.#seen.has(key)) return;
    if (this.#seen.size >= LARGEST) this.#seen.clear();
    this.#seen.add(key);
    this.#record([provider, issuer, subject, email]).catch((error: unknown) => {
      this.#seen.delete(key);
      this.#logger.warn(`an identity was not recorded: ${error instanceof Error ? error.message : 'unknown error'}`);
    });
  }

  async #record(identity: readonly [provider: string, issuer: string, subject: string, email: string]): Promise<void> {
    const inserted = await onDatabase(() =>
      this.source.query<object[]>('INSERT INTO gatehouse.identities (provider, issuer, subject, email) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1', [...identity]),
    );
    if (inserted.length === 0) return;
    const others = await onDatabase(() =>
      this.source.query<{ provider: string; subject: string }[]>(
        'SELECT provider, subject FROM gatehouse.identities WHERE email = $4 AND (provider, issuer, subject) <> ($1, $2, $3) LIMIT 1',
        [...identity],
      ),
    );
    const [other] = others;
    if (!other) return;
    const [provider, , subject] = identity;
    this.securityEvents.count('known_email_new_subject', provider, '');
    this.#logger.warn({ msg: 'a new user has the e-mail address of another one; they were not linked', user: `${provider}:${subject}`, other: `${other.provider}:${other.subject}` });
  }
}

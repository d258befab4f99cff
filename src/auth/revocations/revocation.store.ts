import type { DataSource } from 'typeorm';
import { bump, revocationsTopic } from '../../database/change-feed.js';
import { onDatabase } from '../../database/database.error.js';

/** What an administrator revoked. Credentials issued later are good again, unless it is a single token. */
export interface Revocation {
  readonly id: string;
  readonly kind: 'token' | 'subject' | 'client' | 'provider' | 'tenant';
  /** Id of the provider; null for the kinds `provider` and `tenant`, whose value says it. */
  readonly provider: string | null;
  readonly value: string;
  readonly reason: string;
  readonly revokedAt: Date;
  /** When every credential that it could concern has ended by itself. */
  readonly expiresAt: Date;
}

export type NewRevocation = Pick<Revocation, 'kind' | 'provider' | 'value' | 'reason' | 'expiresAt'>;

/** Those in force, the newest first. */
export async function loadRevocations(source: DataSource): Promise<readonly Revocation[]> {
  return onDatabase(() =>
    source.query<Revocation[]>(
      `SELECT id, kind, provider, value, reason, revoked_at AS "revokedAt", expires_at AS "expiresAt" FROM gatehouse.revocations WHERE expires_at > now() ORDER BY id DESC`,
    ),
  );
}

/** Stores a revocation and tells every replica; those that ended are removed on the way. */
export async function addRevocation(source: DataSource, { kind, provider, value, reason, expiresAt }: NewRevocation): Promise<void> {
  await onDatabase(() =>
    source.transaction(async (transaction) => {
      await transaction.query('DELETE FROM gatehouse.revocations WHERE expires_at <= now()');
      await transaction.query('INSERT INTO gatehouse.revocations (kind, provider, value, reason, expires_at) VALUES ($1, $2, $3, $4, $5)', [kind, provider, value, reason, expiresAt]);
      await bump(transaction, revocationsTopic);
    }),
  );
}

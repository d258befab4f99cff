import type { Secret } from '@gatehouse-mcp/oauth';
import type { DataSource, EntityManager } from 'typeorm';
import { bump } from '../../database/change-feed.js';
import { onDatabase } from '../../database/database.error.js';
import { createApiKey, hmacOf, parseApiKey } from './api-key.format.js';

/** Topic of the change feed that moves when a key is made, replaced or revoked. */
export const apiKeysTopic = 'api-keys';

/** A key as the database has it: nothing that could be used as one. */
export interface StoredApiKey {
  readonly id: string;
  readonly provider: string;
  readonly hmac: Buffer;
  readonly name: string;
  /** Who answers for it; the caller's subject. */
  readonly owner: string;
  /** Name of the tenant. */
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** Id of the key that this one replaces. */
  readonly replaces: string | null;
}

export type NewApiKey = Pick<StoredApiKey, 'provider' | 'name' | 'owner' | 'tenant' | 'scopes' | 'roles' | 'expiresAt'>;

/** How a provider's keys are made. */
export interface KeyMaking {
  readonly prefix: string;
  readonly hmacKey: Secret;
}

const COLUMNS = `id, provider, hmac, name, owner, tenant, scopes, roles, created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt", replaces`;

/** All keys, the newest first. */
export async function loadApiKeys(source: DataSource): Promise<readonly StoredApiKey[]> {
  return onDatabase(() => source.query<StoredApiKey[]>(`SELECT ${COLUMNS} FROM gatehouse.api_keys ORDER BY created_at DESC, id`));
}

/** Stores a new key. @returns its id and the key itself, which nobody can read again */
export async function addApiKey(source: DataSource, key: NewApiKey, making: KeyMaking): Promise<{ readonly id: string; readonly key: Secret }> {
  return onDatabase(() => source.transaction((transaction) => insertKey(transaction, key, null, making)));
}

/**
 * Makes a key with the same rights in place of another, which goes on working for the overlap.
 * @param overlap milliseconds
 * @returns undefined when there is no such key in use
 */
export async function rotateApiKey(source: DataSource, id: string, { expiresAt, overlap }: { readonly expiresAt: Date; readonly overlap: number }, making: KeyMaking) {
  return onDatabase(() =>
    source.transaction(async (transaction) => {
      const [old] = await transaction.query<StoredApiKey[]>(`SELECT ${COLUMNS} FROM gatehouse.api_keys WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() FOR UPDATE`, [id]);
      if (!old) return undefined;
      await transaction.query(`UPDATE gatehouse.api_keys SET expires_at = least(expires_at, now() + $2 * interval '1 millisecond') WHERE id = $1`, [id, overlap]);
      return insertKey(transaction, { ...old, expiresAt }, id, making);
    }),
  );
}

/** @returns whether there was such a key in use */
export async function revokeApiKey(source: DataSource, id: string): Promise<boolean> {
  return onDatabase(() =>
    source.transaction(async (transaction) => {
      const [rows] = await transaction.query<[unknown[], number]>('UPDATE gatehouse.api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id', [id]);
      if (rows.length > 0) await bump(transaction, apiKeysTopic);
      return rows.length > 0;
    }),
  );
}

/** Writes when keys were last used. */
export async function touchApiKeys(source: DataSource, used: readonly (readonly [id: string, at: Date])[]): Promise<void> {
  await onDatabase(() =>
    source.query(
      `UPDATE gatehouse.api_keys k SET last_used_at = greatest(k.last_used_at, u.at) FROM unnest($1::text[], $2::timestamptz[]) AS u (id, at) WHERE u.id = k.id`,
      [used.map(([id]) => id), used.map(([, at]) => at)],
    ),
  );
}

async function insertKey(transaction: EntityManager, key: NewApiKey, replaces: string | null, { prefix, hmacKey }: KeyMaking) {
  const made = createApiKey(prefix);
  const parts = parseApiKey(prefix, made.key.reveal());
  if (!parts) throw new Error('a new API key is not of its own form');
  await transaction.query(
    `INSERT INTO gatehouse.api_keys (id, provider, hmac, name, owner, tenant, scopes, roles, expires_at, replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [made.id, key.provider, hmacOf(hmacKey, parts), key.name, key.owner, key.tenant, key.scopes, key.roles, key.expiresAt, replaces],
  );
  await bump(transaction, apiKeysTopic);
  return made;
}

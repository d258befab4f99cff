import { hash, randomBytes } from 'node:crypto';
import { Secret } from '@gatehouse-mcp/oauth';
import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../context/tenant.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import type { ConnectionKey } from './connection.store.js';
import { DataKeys, type Sealed } from './data-keys.js';

const LIFE_SECONDS = 600;

/** An authorization that its user began and has not ended. */
export interface Authorization extends ConnectionKey {
  readonly verifier: Secret;
  readonly redirectUri: string;
  /** The text that the browser's session has. */
  readonly session: string;
}

interface Row extends Omit<Authorization, 'verifier' | 'session'>, Sealed {
  readonly sessionHash: Buffer;
  readonly isOld: boolean;
}

/** Authorizations under way, by the hash of their `state` (RFC 6749 §10.12): each for one user, one session, ten minutes and one answer. */
@Injectable()
export class Authorizations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly keys: DataKeys,
  ) {}

  /** @returns the state */
  async begin(tenant: Tenant, { name, issuer, subject, verifier, redirectUri, session }: Authorization): Promise<string> {
    const state = randomBytes(32).toString('base64url');
    const { dataKey, sealed } = await this.keys.seal(tenant, verifier.reveal(), contextOf(state));
    await this.database.withTenant(tenant, async (manager) => {
      await manager.query('DELETE FROM authorizations WHERE expires_at < now() OR (name = $1 AND issuer = $2 AND subject = $3)', [name, issuer, subject]);
      await manager.query(
        `INSERT INTO authorizations (tenant_id, state_hash, name, issuer, subject, session_hash, data_key, sealed_verifier, redirect_uri, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))`,
        [tenant.id, hashOf(state), name, issuer, subject, hashOf(session), dataKey, sealed, redirectUri, LIFE_SECONDS],
      );
    });
    return state;
  }

  /**
   * Takes an authorization out, whatever is found: no state is looked at twice.
   * @returns undefined unless it is one of this user, of this session, and not too old
   */
  async end(tenant: Tenant, state: string, { issuer, subject }: Omit<ConnectionKey, 'name'>, session: string): Promise<Omit<Authorization, 'session'> | undefined> {
    const [[row]] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[Row[], number]>(
        `DELETE FROM authorizations WHERE state_hash = $1
         RETURNING name, issuer, subject, session_hash AS "sessionHash", data_key AS "dataKey", sealed_verifier AS sealed, redirect_uri AS "redirectUri", expires_at < now() AS "isOld"`,
        [hashOf(state)],
      ),
    );
    if (!row || row.isOld || row.issuer !== issuer || row.subject !== subject || !row.sessionHash.equals(hashOf(session))) return undefined;
    const { name, redirectUri } = row;
    return { name, issuer, subject, redirectUri, verifier: new Secret(await this.keys.open(tenant, row, contextOf(state))) };
  }
}

const hashOf = (text: string): Buffer => hash('sha256', text, 'buffer');
const contextOf = (state: string): readonly string[] => authorizationContext(hashOf(state));

/** What a verifier is sealed for. */
export const authorizationContext = (stateHash: Buffer): readonly string[] => ['authorization', stateHash.toString('hex')];

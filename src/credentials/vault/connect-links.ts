import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { hasBrowser } from '../../config/connection.checks.js';
import type { LiveSnapshot } from '../../config/live-configuration.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { canonicalIssuer } from '../../config/provider-identity.js';
import type { CallContext } from '../../context/call-context.js';
import { GatewayError } from '../../errors/gateway.error.js';

const NOT_POSSIBLE = { code: 'connection_not_possible', status: 403 };
const LIFE_S = 15 * 60;
const PURPOSE = 'gatehouse connect link';

/** For whom a link was made: nobody else may connect by it. */
export interface LinkOwner {
  readonly tenant: string;
  readonly issuer: string;
  readonly subject: string;
  readonly connection: string;
}

/**
 * Keys of 256 bits for one purpose, from each of the vault's keys, the encrypting one first.
 * @returns none without a vault
 */
export function deriveKeys({ settings, secrets }: Pick<LiveSnapshot, 'settings' | 'secrets'>, purpose: string): readonly Uint8Array[] {
  return (settings.vault?.keys ?? []).flatMap((reference) => {
    const secret = secrets.get(reference);
    return secret ? [new Uint8Array(hkdfSync('sha256', secret.reveal(), '', purpose, 32))] : [];
  });
}

/** The addresses that a tool's answer asks its user to open. They name the user, sealed, and are good for 15 minutes. */
@Injectable()
export class ConnectLinks {
  constructor(private readonly live: LiveConfiguration) {}

  /**
   * @returns `PUBLIC_URL/connections/to/NAME?for=…`
   * @throws GatewayError 403 for a caller of a provider without pages, who would be somebody else there
   */
  async create({ tenant, caller, publicUrl }: Pick<CallContext, 'tenant' | 'caller' | 'publicUrl'>, connection: string): Promise<string> {
    const [key] = deriveKeys(this.live.current, PURPOSE);
    if (!key) throw new Error('connections without a vault');
    this.#assertMeetable(tenant.name, caller);
    const owner: LinkOwner = { tenant: tenant.name, issuer: caller.issuer, subject: caller.subject, connection };
    const sealed = await new EncryptJWT({ ...owner }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setExpirationTime(`${LIFE_S}s`).encrypt(key);
    return `${publicUrl}/connections/to/${connection}?for=${sealed}`;
  }

  #assertMeetable(tenant: string, { provider, issuer }: CallContext['caller']): void {
    const { providers, tenants } = this.live.current.settings;
    const names = [...new Set(tenants[tenant]?.rules.map((rule) => rule.provider))].filter((name) => hasBrowser(providers[name]));
    if (names.some((name) => name === provider || (providers[name] && canonicalIssuer(providers[name]) === issuer))) return;
    throw new GatewayError(NOT_POSSIBLE, `it cannot be connected by you: only who signs in at ${names.join(' or ')} can open the page for it, and you came with ${provider}`);
  }

  /** @returns undefined for a link that is not ours, or too old */
  async read(sealed: string): Promise<LinkOwner | undefined> {
    for (const key of deriveKeys(this.live.current, PURPOSE)) {
      try {
        const { payload } = await jwtDecrypt(sealed, key, { contentEncryptionAlgorithms: ['A256GCM'], keyManagementAlgorithms: ['dir'] });
        const { tenant, issuer, subject, connection } = payload as Partial<LinkOwner>;
        if (tenant === undefined || issuer === undefined || subject === undefined || connection === undefined) return undefined;
        return { tenant, issuer, subject, connection };
      } catch {
        // Sealed with another of the keys, or not by us.
      }
    }
    return undefined;
  }
}

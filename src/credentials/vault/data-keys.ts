import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LiveConfiguration } from '../../config/live-configuration.js';
import type { Tenant } from '../../context/tenant.js';
import { ChangeFeed } from '../../database/change-feed.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import { readVaultKeys, type KeyEncryption } from './key-encryption.js';
import { seal, unseal } from './sealing.js';

/** Topic that moves when a tenant's rows are sealed with another data key. */
export const vaultTopic = 'vault';

/** A text as the database keeps it. */
export interface Sealed {
  readonly dataKey: string;
  readonly sealed: Buffer;
}

interface StoredKey {
  readonly id: string;
  readonly wrappedBy: string;
  readonly wrapped: Buffer;
}

/** Unwrapped by id, or why one cannot be: others may still be of use. */
interface TenantKeys {
  readonly newest: string;
  readonly keys: ReadonlyMap<string, PromiseSettledResult<Buffer>>;
}

/** Seals and opens what a tenant's tables keep: with the tenant's own data keys, which a key outside the database wraps. */
@Injectable()
export class DataKeys implements OnModuleInit {
  #encryption: KeyEncryption | undefined;
  /** By tenant id. */
  #tenants = new Map<string, TenantKeys>();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly database: TenantDatabase,
    private readonly feed: ChangeFeed,
  ) {}

  async onModuleInit(): Promise<void> {
    this.feed.on(vaultTopic, () => this.#forget());
    await this.live.follow(async (snapshot) => {
      const encryption = readVaultKeys(snapshot);
      return () => {
        this.#encryption = encryption;
        this.#forget();
      };
    });
  }

  /** @param context what the text belongs to: it opens for nothing else */
  async seal(tenant: Tenant, text: string, context: readonly string[]): Promise<Sealed> {
    const { newest, keys } = this.#tenants.get(tenant.id) ?? (await this.#load(tenant));
    return { dataKey: newest, sealed: seal(keyOf(keys, newest), Buffer.from(text), describe(tenant, context)) };
  }

  /** @throws Error when the text is not what was sealed for this context, or no key of `vault.keys` opens it */
  async open(tenant: Tenant, { dataKey, sealed }: Sealed, context: readonly string[]): Promise<string> {
    const known = this.#tenants.get(tenant.id);
    const { keys } = known?.keys.has(dataKey) ? known : await this.#load(tenant);
    return unseal(keyOf(keys, dataKey), sealed, describe(tenant, context)).toString();
  }

  /**
   * Another data key for a tenant, wrapped by the current key: what is sealed from now on is sealed with it.
   * @returns its id
   */
  async renew(tenant: Tenant): Promise<string> {
    const { id } = await this.#create(tenant);
    this.#forget();
    return id;
  }

  /** With a new map, so that keys which are being read are kept by nobody: they are those before the change. */
  #forget(): void {
    this.#tenants = new Map();
  }

  async #load(tenant: Tenant): Promise<TenantKeys> {
    const tenants = this.#tenants;
    const stored = await this.database.withTenant(tenant, (manager) =>
      manager.query<StoredKey[]>('SELECT id, wrapped_by AS "wrappedBy", wrapped FROM data_keys ORDER BY created_at DESC, id DESC'),
    );
    const rows = stored.length > 0 ? stored : [await this.#create(tenant)];
    const encryption = this.#required;
    const unwrapped = await Promise.allSettled(rows.map(({ id, wrappedBy, wrapped }) => encryption.unwrap(wrappedBy, wrapped, describe(tenant, ['data key', id]))));
    const loaded = { newest: rows[0]?.id ?? '', keys: new Map(rows.map(({ id }, index) => [id, unwrapped[index] ?? { status: 'rejected' as const, reason: undefined }])) };
    tenants.set(tenant.id, loaded);
    return loaded;
  }

  /** Wrapped before the transaction: a key management may be a request away. Two replicas may both make one: each opens both. */
  async #create(tenant: Tenant): Promise<StoredKey> {
    const id = randomUUID();
    const encryption = this.#required;
    const key = { id, wrappedBy: encryption.current, wrapped: await encryption.wrap(randomBytes(32), describe(tenant, ['data key', id])) };
    await this.database.withTenant(tenant, (manager) =>
      manager.query('INSERT INTO data_keys (tenant_id, id, wrapped_by, wrapped) VALUES ($1, $2, $3, $4)', [tenant.id, id, key.wrappedBy, key.wrapped]),
    );
    return key;
  }

  get #required(): KeyEncryption {
    if (!this.#encryption) throw new Error('vault.keys is not configured');
    return this.#encryption;
  }
}

function keyOf(keys: TenantKeys['keys'], id: string): Buffer {
  const key = keys.get(id);
  if (key?.status === 'fulfilled') return key.value;
  throw key?.reason instanceof Error ? key.reason : new Error(`there is no data key ${id}`);
}

/** JSON keeps the parts apart. */
const describe = (tenant: Tenant, context: readonly string[]): string => JSON.stringify([tenant.id, ...context]);

import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '../../context/caller.js';
import { ChangeFeed, revocationsTopic } from '../../database/change-feed.js';
import { TokenError } from '../token.error.js';
import { loadRevocations, type Revocation } from './revocation.store.js';

/** What administrators revoked, as a snapshot that is replaced whole within seconds of a change, on every replica. */
@Injectable()
export class Revocations implements OnModuleInit, OnApplicationShutdown {
  readonly #listeners: (() => void)[] = [];
  /** When the newest revocation of a key was made, seconds since the epoch. */
  #revokedAt: ReadonlyMap<string, number> = new Map();
  #stop: (() => void) | undefined;

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#stop = this.feed.on(revocationsTopic, async () => {
      await this.#load();
      for (const listener of this.#listeners) listener();
    });
    await this.#load();
  }

  onApplicationShutdown(): void {
    this.#stop?.();
  }

  /** The listener is called after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * A credential that was issued before the revocation is refused; one that does not say when it was issued counts as older.
   * @throws TokenError
   */
  judge({ provider, tokenId, subject, clientId, tenant, issuedAt = 0 }: Caller): void {
    if (this.#revokedAt.size === 0) return;
    // There is no later issue of one token, whatever the issuer's clock says of it.
    const isRevoked = tokenId !== undefined && this.#revokedAt.has(keyOf('token', provider, tokenId));
    const keys = [keyOf('subject', provider, subject), keyOf('client', provider, clientId), keyOf('provider', null, provider), keyOf('tenant', null, tenant)];
    // Both in whole seconds, as tokens say it: what was issued in the same second counts as older.
    const issued = Math.floor(issuedAt);
    if (isRevoked || keys.some((key) => issued <= (this.#revokedAt.get(key) ?? Number.NEGATIVE_INFINITY))) throw new TokenError('revoked', 'the credential was revoked by an administrator; sign in again');
  }

  async #load(): Promise<void> {
    const revokedAt = new Map<string, number>();
    for (const revocation of await loadRevocations(this.source)) {
      const key = keyOf(revocation.kind, revocation.provider, revocation.value);
      revokedAt.set(key, Math.max(revokedAt.get(key) ?? 0, Math.floor(revocation.revokedAt.getTime() / 1_000)));
    }
    this.#revokedAt = revokedAt;
  }
}

const keyOf = (kind: Revocation['kind'], provider: string | null, value: string | undefined): string => `${kind}\n${provider ?? ''}\n${value ?? ''}`;

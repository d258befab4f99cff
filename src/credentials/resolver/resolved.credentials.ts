import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeFeed, revocationsTopic } from '../../database/change-feed.js';
import type { AnswerKey, CredentialAnswer, CredentialAnswers } from '../../token-exchange/credential.strategy.js';
import { HeldValues } from '../held-values.js';
import { CredentialUpdates, type CredentialUpdate } from './credential-updates.js';

const MOST_REFUSED = 10_000;

/** Answers of credential services in memory: one question at a time for the same key, forgotten when a service says that something changed. */
@Injectable()
export class ResolvedCredentials implements CredentialAnswers, OnModuleInit {
  readonly #held = new HeldValues<CredentialAnswer>();
  /** Keys whose answer an API refused, until it is asked for again. */
  readonly #refused = new Set<string>();

  constructor(
    private readonly updates: CredentialUpdates,
    private readonly feed: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.feed.on(revocationsTopic, () => this.#held.clear());
    this.updates.onUpdate((update) => this.#held.forgetBeginning(beginningOf(update)));
  }

  async obtain(key: AnswerKey, ask: (isRefused: boolean) => Promise<CredentialAnswer>): Promise<CredentialAnswer & { readonly evict: () => void }> {
    const id = beginningOf(key) + key.asker;
    const answer = await this.#held.obtain(id, () => ask(this.#refused.delete(id)));
    return { ...answer, evict: () => this.#refuse(id) };
  }

  #refuse(id: string): void {
    if (this.#refused.size >= MOST_REFUSED) this.#refused.clear();
    this.#refused.add(id);
    this.#held.forget(id);
  }
}

/** No two of them begin alike: JSON ends each part. */
const beginningOf = ({ tenant, baseUrl, service, userId }: CredentialUpdate): string => JSON.stringify([tenant, baseUrl, service, userId]);

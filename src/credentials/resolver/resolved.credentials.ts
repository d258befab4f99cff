import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeFeed, revocationsTopic } from '../../database/change-feed.js';
import type { AnswerKey, CredentialAnswer, CredentialAnswers } from '../../token-exchange/credential.strategy.js';
import { CredentialUpdates } from './credential-updates.js';

const LARGEST = 20_000;

interface Held {
  readonly key: AnswerKey;
  readonly answer: Promise<CredentialAnswer>;
  /** Monotonic milliseconds; Infinity while it is asked for. */
  dropAt: number;
}

/** Answers of credential services in memory: one question at a time for the same key, forgotten when a service says that something changed. */
@Injectable()
export class ResolvedCredentials implements CredentialAnswers, OnModuleInit {
  readonly #held = new Map<string, Held>();
  /** Keys whose answer an API refused, until it is asked for again. */
  readonly #refused = new Set<string>();

  constructor(
    private readonly updates: CredentialUpdates,
    private readonly feed: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.feed.on(revocationsTopic, () => this.#held.clear());
    this.updates.onUpdate(({ tenant, baseUrl, service, userId }) => {
      for (const [id, { key }] of this.#held) {
        if (key.tenant === tenant && key.baseUrl === baseUrl && key.service === service && key.userId === userId) this.#held.delete(id);
      }
    });
  }

  async obtain(key: AnswerKey, ask: (isRefused: boolean) => Promise<CredentialAnswer>): Promise<CredentialAnswer & { readonly evict: () => void }> {
    const id = JSON.stringify([key.tenant, key.baseUrl, key.service, key.userId, key.asker]);
    const known = this.#held.get(id);
    const held = known && performance.now() < known.dropAt ? known : this.#ask(id, key, ask);
    const answer = await held.answer;
    return { ...answer, evict: () => this.#refuse(id, held) };
  }

  #ask(id: string, key: AnswerKey, ask: (isRefused: boolean) => Promise<CredentialAnswer>): Held {
    if (this.#held.size >= LARGEST) {
      const [oldest] = this.#held.keys();
      if (oldest !== undefined) this.#held.delete(oldest);
    }
    const held: Held = { key, answer: ask(this.#refused.delete(id)), dropAt: Infinity };
    this.#held.delete(id);
    this.#held.set(id, held);
    // What was forgotten while it was asked for stays forgotten: only its own callers use it.
    held.answer.then(
      ({ goodFor }) => {
        held.dropAt = performance.now() + goodFor;
      },
      () => {
        if (this.#held.get(id) === held) this.#held.delete(id);
      },
    );
    return held;
  }

  #refuse(id: string, held: Held): void {
    if (this.#held.get(id) !== held) return;
    this.#held.delete(id);
    if (this.#refused.size >= LARGEST) this.#refused.clear();
    this.#refused.add(id);
  }
}

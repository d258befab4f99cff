import type { Secret } from '@gatehouse-mcp/oauth';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import { LONGEST_TOKEN } from './credential.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { KnownIdentities } from './identities/known-identities.js';
import { Revocations } from './revocations/revocations.js';
import { SignIn } from './sign-in.js';
import { StrategyParts } from './strategy-parts.js';
import { TokenError } from './token.error.js';
import { VerifiedTokenCache } from './verified-token.cache.js';
import type { VerifiedToken } from './verified-token.js';

/** Proves who a credential belongs to: by the one strategy that it leads to, once for each credential and bounded time. */
@Injectable()
export class TokenVerifier implements OnModuleInit {
  #cache = new VerifiedTokenCache();
  #flights = new Map<string, Promise<VerifiedToken>>();
  #signIn: SignIn | undefined;
  #revision = '';

  constructor(
    private readonly live: LiveConfiguration,
    private readonly parts: StrategyParts,
    private readonly revocations: Revocations,
    private readonly identities: KnownIdentities,
    private readonly apiKeys: ApiKeys,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const changing of [this.revocations, this.apiKeys]) changing.onChange(() => this.#forget());
    await this.live.follow(async (snapshot) => {
      const signIn = await SignIn.create(snapshot.settings, (id) => this.parts.contextOf(id, snapshot));
      return () => {
        this.#signIn = signIn;
        this.#revision = snapshot.revision;
        this.#forget();
      };
    });
  }

  /**
   * @param door the tenant whose own address was called
   * @throws TokenError when the credential is refused, GatewayError 503 when nobody can tell now
   */
  async verify(token: Secret, door: string | undefined): Promise<VerifiedToken> {
    const text = token.reveal();
    if (text.length > LONGEST_TOKEN) throw new TokenError('too_long', 'the token is longer than 16 KB');
    const signIn = this.#current;
    const provider = signIn.providerOf(text, door);
    const key = VerifiedTokenCache.key(provider, this.#revision, text);
    const verified = this.#cache.find(key) ?? (await this.#prove(signIn, provider, text, key));
    this.revocations.judge(verified.caller);
    return verified;
  }

  /** Who a request without any credential is, where the configuration says so; undefined elsewhere. */
  async identifyWithoutCredential(): Promise<VerifiedToken | undefined> {
    const provider = this.#current.withoutCredential;
    return provider === undefined ? undefined : this.#current.authenticate(provider, '');
  }

  get #current(): SignIn {
    if (!this.#signIn) throw new Error('the identity providers are not loaded yet');
    return this.#signIn;
  }

  /** With new maps, so that what is under way is remembered by nobody: it was asked before the change. */
  #forget(): void {
    this.#cache = new VerifiedTokenCache();
    this.#flights = new Map();
  }

  /** One proof at a time for the same credential: its callers share what it says, and forget it together. */
  #prove(signIn: SignIn, provider: string, token: string, key: string): Promise<VerifiedToken> {
    const flights = this.#flights;
    const flight = flights.get(key) ?? this.#authenticate(signIn, provider, token, key).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async #authenticate(signIn: SignIn, provider: string, token: string, key: string): Promise<VerifiedToken> {
    const cache = this.#cache;
    try {
      const verified = await signIn.authenticate(provider, token);
      const settings = this.live.current.settings.providers[provider];
      if (settings && 'cacheFor' in settings) cache.add(key, verified, settings.cacheFor);
      this.identities.see(verified.caller);
      return verified;
    } catch (error) {
      if (error instanceof TokenError && !isSoonDifferent(error)) cache.addRefusal(key, error);
      throw error;
    }
  }
}

/** A key that is not published yet may be in a moment, and a token that is not valid yet will be. */
const isSoonDifferent = ({ reason }: TokenError): boolean => reason === 'unknown_key' || reason === 'not_yet_valid' || reason === 'issued_in_future';

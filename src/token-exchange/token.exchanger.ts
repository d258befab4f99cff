import { createCheckedAgent } from '@gatehouse-mcp/egress';
import { createIssuerFetch, discoverIssuer, exchangeToken, TokenExchangeError, type ExchangedToken, type IssuerFetch, type Secret } from '@gatehouse-mcp/oauth';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent } from 'undici';
import type { CredentialSettings } from '../config/configuration.schema.js';
import { canonicalIssuer } from '../config/provider-identity.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Caller } from '../context/caller.js';
import { ChangeFeed, revocationsTopic } from '../database/change-feed.js';
import { GatewayError } from '../errors/gateway.error.js';
import { cacheLifetime, ExchangedTokenCache, exchangeKey } from './exchanged-token.cache.js';

export type TokenExchangeSettings = Extract<CredentialSettings, { type: 'token-exchange' }>;

/** The status is what an API owner would see if the gateway answered in plain HTTP; a tool call reads the text. */
const REFUSED = { code: 'exchange_refused', status: 502 };
const UNAVAILABLE = { code: 'exchange_unavailable', status: 503 };
const TOKEN_ENDPOINT_TIMEOUT_MS = 5_000;

/** A token for an API, and how to give up on it. */
export interface Obtained {
  readonly token: ExchangedToken;
  /** Call it when the API answers 401: the next call exchanges anew. */
  readonly evict: () => void;
}

/** On behalf of (RFC 8693): the caller's token exchanged for one of the API, at most once at a time for the same exchange. */
@Injectable()
export class TokenExchanger implements OnApplicationShutdown {
  readonly #cache = new ExchangedTokenCache();
  readonly #flights = new Map<string, Promise<ExchangedToken>>();
  readonly #endpoints = new Map<string, Promise<string>>();
  readonly #agent: Agent;
  readonly #fetch: IssuerFetch;

  constructor(
    private readonly live: LiveConfiguration,
    feed: ChangeFeed,
  ) {
    feed.on(revocationsTopic, () => this.#cache.clear());
    this.#agent = createCheckedAgent(() => live.current.egress);
    this.#fetch = createIssuerFetch(this.#agent, TOKEN_ENDPOINT_TIMEOUT_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /**
   * @param scopes the API's scopes that the caller holds; nothing else is asked for
   * @throws GatewayError that names the exchange and the reason
   */
  async obtain(call: CallContext, api: string, settings: TokenExchangeSettings, scopes: readonly string[]): Promise<Obtained> {
    const provider = this.live.current.settings.providers[settings.provider];
    if (!provider) throw new GatewayError(REFUSED, `${name(api, settings)}: the provider is no longer configured`);
    const subjectToken = exchangeableToken(call, api, settings);
    const issuer = canonicalIssuer(provider) ?? '';
    const endpoint = await this.#endpoint(issuer, provider, api, settings);
    const audience = typeof settings.audience === 'string' ? [settings.audience] : settings.audience;
    const key = exchangeKey({
      tenant: call.tenant.id,
      strategy: settings.type,
      revision: this.live.current.revision,
      issuer: call.caller.issuer,
      subject: call.caller.subject,
      subjectToken: subjectToken.reveal(),
      client: settings.clientId,
      endpoint,
      audience,
      resource: settings.resource ?? '',
      scopes,
    });
    const cached = this.#cache.find(key);
    if (cached) return { token: cached, evict: () => this.#cache.evict(key, cached) };
    const flight = this.#flights.get(key) ?? this.#exchange(key, { subjectToken, caller: call.caller }, settings, { issuer, endpoint, audience, scopes });
    try {
      const token = await flight;
      return { token, evict: () => this.#cache.evict(key, token) };
    } catch (error) {
      throw describeFailure(name(api, settings), error);
    }
  }

  /** The flight carries no caller's signal: one caller's abort never ends it for the others. */
  #exchange(
    key: string,
    { subjectToken, caller }: { subjectToken: Secret; caller: Caller },
    { clientId, clientSecret, clientAuthentication, resource }: TokenExchangeSettings,
    { issuer, endpoint, audience, scopes }: { issuer: string; endpoint: string; audience: readonly string[]; scopes: readonly string[] },
  ): Promise<ExchangedToken> {
    const secret = this.live.current.secrets.get(clientSecret);
    if (!secret) throw new GatewayError(REFUSED, 'the client secret of the exchange is not configured');
    const flight = exchangeToken(
      { issuer, tokenEndpoint: endpoint, clientId, clientSecret: secret, clientAuthentication, subjectToken, audience, resource, scopes },
      this.#fetch,
    )
      .then((token) => {
        this.#cache.add(key, token, cacheLifetime(token.expiresIn, caller.expiresAt - Date.now() / 1_000));
        return token;
      })
      .finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** Configured, or discovered once; a discovery that fails is tried again by the next call. */
  async #endpoint(issuer: string, provider: ProviderSettings, api: string, settings: TokenExchangeSettings): Promise<string> {
    if ('tokenEndpoint' in provider && provider.tokenEndpoint !== undefined) return provider.tokenEndpoint;
    const known = this.#endpoints.get(issuer) ?? this.#discover(issuer);
    this.#endpoints.set(issuer, known);
    try {
      return await known;
    } catch (error) {
      this.#endpoints.delete(issuer);
      throw new GatewayError(UNAVAILABLE, `${name(api, settings)}: the metadata of its issuer cannot be read`, { cause: error });
    }
  }

  async #discover(issuer: string): Promise<string> {
    const { tokenEndpoint } = await discoverIssuer(issuer, this.#fetch);
    if (!tokenEndpoint) throw new Error(`the metadata of ${issuer} names no token endpoint`);
    return tokenEndpoint;
  }
}

function name(api: string, { provider }: TokenExchangeSettings): string {
  return `the token exchange for API "${api}" at provider "${provider}"`;
}

/** A token is shown to the server that issued it and to nobody else: the subject token of an exchange is of the same provider. */
function exchangeableToken({ subjectToken, caller }: CallContext, api: string, settings: TokenExchangeSettings): Secret {
  if (caller.provider !== settings.provider) throw new GatewayError(REFUSED, `${name(api, settings)}: you are signed in at provider "${caller.provider}"`);
  if (!subjectToken) throw new GatewayError(REFUSED, `${name(api, settings)}: your credential is no token that can be exchanged`);
  return subjectToken;
}

function describeFailure(exchange: string, error: unknown): unknown {
  if (!(error instanceof TokenExchangeError)) return error;
  const kind = error.error === 'unreachable' ? UNAVAILABLE : REFUSED;
  const wait = error.retryAfter === undefined ? '' : `; try again in ${error.retryAfter} s`;
  return new GatewayError(kind, `${exchange} failed: ${error.message}${wait}`, { cause: error });
}

import { resolve } from 'node:path';
import { createIssuerFetch, discoverIssuer, IssuerKeys, Secret } from '@gatehouse-mcp/oauth';
import { Agent } from 'undici';
import type { StoredApiKey } from '../../src/auth/api-keys/api-key.store.js';
import { createProviderFetch } from '../../src/auth/provider.http.js';
import { SignIn } from '../../src/auth/sign-in.js';
import type { StrategyContext } from '../../src/auth/strategies/strategy.js';
import type { VerifiedToken } from '../../src/auth/verified-token.js';
import { liveSchema } from '../../src/config/configuration.schema.js';

export interface TestSignIn {
  readonly signIn: SignIn;
  /** Ids of the keys that were used. */
  readonly used: readonly string[];
  verify(token: string, door?: string): Promise<VerifiedToken>;
  stop(): Promise<void>;
}

export interface TestSignInOptions {
  readonly tenants?: Readonly<Record<string, object>>;
  /** What secret references stand for. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly apiKeys?: readonly StoredApiKey[];
}

/** The strategies of these providers as the gateway makes them, without a gateway around them. */
export async function startSignIn(providers: Readonly<Record<string, object>>, { tenants, secrets = {}, apiKeys = [] }: TestSignInOptions = {}): Promise<TestSignIn> {
  const rules = Object.keys(providers).map((provider) => ({ provider }));
  const settings = liveSchema.parse({ providers, tenants: tenants ?? { acme: { rules } } });
  const agent = new Agent();
  const fetch = createIssuerFetch(agent, 2_000);
  const used: string[] = [];
  const keys = { find: (id: string) => apiKeys.find((key) => key.id === id), markUsed: (id: string) => void used.push(id) };
  const contextOf = (id: string): StrategyContext => ({
    id,
    settings: settings.providers[id]!,
    tenants: settings.tenants,
    fetch: createProviderFetch(id, fetch),
    keys: (issuer, { jwksUri, algorithm } = {}) =>
      new IssuerKeys(async () => (await fetch(jwksUri ?? (await discoverIssuer(issuer, fetch)).jwksUri!)).json(), { issuer, defaultAlgorithm: algorithm }),
    secret: (reference) => new Secret(secrets[reference] ?? ''),
    file: (reference) => resolve(reference.slice('file:'.length)),
    apiKeys: keys,
  });
  const signIn = await SignIn.create(settings, contextOf);
  return {
    signIn,
    used,
    verify: async (token, door) => signIn.authenticate(signIn.providerOf(token, door), token),
    stop: () => agent.destroy(),
  };
}

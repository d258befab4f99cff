import { grantClientCredentials, type Secret } from '@gatehouse-mcp/oauth';
import { entraIssuer } from '../../config/provider-identity.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { providerUnavailable } from '../provider.http.js';
import type { StrategyContext } from './strategy.js';

/** Milliseconds that a user's groups are not asked for again, whatever tokens come. */
const KEEP_MS = 5 * 60_000;
const LARGEST = 5_000;
/** Graph answers with 11,000 at most. */
const MOST_GROUPS = 11_000;

interface Kept<T> {
  readonly value: Promise<T>;
  /** Monotonic milliseconds. */
  readonly dropAt: number;
}

/** The groups of users who have more than a token holds: from Microsoft Graph, with the app's own token. */
export class EntraGroups {
  readonly #byUser = new Map<string, Kept<readonly string[]>>();
  readonly #tokens = new Map<string, Kept<Secret>>();

  constructor(private readonly context: StrategyContext<ProviderOf<'entra'>>) {}

  /**
   * @returns object ids; none where the provider's settings give no access to Graph
   * @throws GatewayError 503 when Graph does not say: roles are not guessed
   */
  async of(tenant: string, user: string): Promise<readonly string[]> {
    if (!this.context.settings.groupOverage) return [];
    return keep(this.#byUser, `${tenant}/${user}`, KEEP_MS, () => this.#ask(tenant, user));
  }

  async #ask(tenant: string, user: string): Promise<readonly string[]> {
    const { settings, fetch, id } = this.context;
    const token = await keep(this.#tokens, tenant, KEEP_MS, () => this.#grant(tenant));
    const response = await fetch(`${settings.groupOverage?.graphUrl}/v1.0/users/${encodeURIComponent(user)}/getMemberObjects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ securityEnabledOnly: false }),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.status === 403) throw providerUnavailable(`Microsoft Graph refuses provider "${id}": grant its app the application permission GroupMember.Read.All, with admin consent`, undefined);
    const groups = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined;
    if (response.status !== 200 || !Array.isArray(groups)) throw providerUnavailable(`Microsoft Graph gave provider "${id}" no groups of the user (${response.status})`, undefined);
    return groups.filter((group) => typeof group === 'string').slice(0, MOST_GROUPS);
  }

  async #grant(tenant: string): Promise<Secret> {
    const { settings, secret, fetch, id } = this.context;
    const { clientSecret = '', graphUrl } = settings.groupOverage ?? {};
    const request = {
      issuer: entraIssuer(settings.authority, tenant),
      tokenEndpoint: `${settings.authority}/${tenant}/oauth2/v2.0/token`,
      clientId: settings.clientId,
      authentication: { method: 'client_secret_post', secret: secret(clientSecret) },
      scope: `${graphUrl}/.default`,
    } as const;
    try {
      return (await grantClientCredentials(request, fetch)).accessToken;
    } catch (error) {
      throw providerUnavailable(`provider "${id}" gets no token for Microsoft Graph: check groupOverage.clientSecret`, error);
    }
  }
}

/** Asks once at a time and keeps the answer; a failure is not kept. Bounded, oldest first out. */
function keep<T>(kept: Map<string, Kept<T>>, key: string, forMs: number, ask: () => Promise<T>): Promise<T> {
  const known = kept.get(key);
  if (known && performance.now() < known.dropAt) return known.value;
  if (kept.size >= LARGEST) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  const value = ask();
  kept.set(key, { value, dropAt: performance.now() + forMs });
  value.catch(() => kept.delete(key));
  return value;
}

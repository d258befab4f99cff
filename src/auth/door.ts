import type { LiveSettings } from '../config/configuration.schema.js';
import type { ProviderSettings } from '../config/provider.schema.js';

/**
 * The providers that people of a door sign in at: all of them at `/mcp`, those of the tenant's rules at its own address.
 * @returns undefined when there is no such tenant
 */
export function providersAt({ providers, tenants }: Pick<LiveSettings, 'providers' | 'tenants'>, door: string | undefined): readonly ProviderSettings[] | undefined {
  if (door === undefined) return Object.values(providers);
  const tenant = Object.hasOwn(tenants, door) ? tenants[door] : undefined;
  return tenant && Object.entries(providers).flatMap(([id, provider]) => (tenant.rules.some((rule) => rule.provider === id) ? [provider] : []));
}

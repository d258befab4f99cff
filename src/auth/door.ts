import type { LiveSettings } from '../config/configuration.schema.js';
import type { ProviderSettings } from '../config/provider.schema.js';

type Doors = Pick<LiveSettings, 'providers' | 'tenants'>;

/**
 * The providers that people of a door sign in at: all of them at `/mcp`, those of the tenant's rules at its own address.
 * @returns undefined when there is no such tenant
 */
export function providersAt(settings: Doors, door: string | undefined): readonly ProviderSettings[] | undefined {
  return namedProvidersAt(settings, door)?.map(([, provider]) => provider);
}

/** The same with their ids. */
export function namedProvidersAt({ providers, tenants }: Doors, door: string | undefined): readonly (readonly [id: string, provider: ProviderSettings])[] | undefined {
  if (door === undefined) return Object.entries(providers);
  const tenant = Object.hasOwn(tenants, door) ? tenants[door] : undefined;
  return tenant && Object.entries(providers).filter(([id]) => tenant.rules.some((rule) => rule.provider === id));
}

import type { LiveSettings } from '../config/configuration.schema.js';
import { basicScopesOf } from '../config/provider-identity.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import { toolsetsAt } from '../config/toolset.js';

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

/** What a door's metadata say of it. */
export interface DescribedDoor {
  readonly providers: readonly ProviderSettings[];
  /** What clients ask for first. */
  readonly scopes: readonly string[];
  /** Undefined unless all who share the door give it the same. */
  readonly title: string | undefined;
}

/**
 * A door of `/mcp` or of a toolset. Where several tenants have a toolset of the name, their common door is that of all of them.
 * @returns undefined when there is no such tenant or toolset
 */
export function describeDoor(settings: Doors & Pick<LiveSettings, 'toolsets'>, tenant: string | undefined, toolset: string | undefined): DescribedDoor | undefined {
  if (toolset === undefined) {
    const providers = providersAt(settings, tenant);
    return providers && { providers, scopes: basicScopesOf(providers), title: undefined };
  }
  const sets = toolsetsAt(settings, tenant, toolset);
  if (sets.length === 0) return undefined;
  const providers = [...new Set(sets.flatMap((set) => providersAt(settings, set.tenant) ?? []))];
  const titles = new Set(sets.map(({ title }) => title));
  return { providers, scopes: [...new Set([...basicScopesOf(providers), ...sets.flatMap(({ scopes }) => scopes)])], title: titles.size === 1 ? sets[0]?.title : undefined };
}

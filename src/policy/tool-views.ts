import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Catalog } from '../catalog/catalog.js';
import { Catalogs } from '../catalog/catalogs.js';
import type { Entry } from '../catalog/entry.js';
import { compilePatterns } from '../catalog/entry-pattern.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { findToolset, type ToolsetSettings } from '../config/toolset.js';
import type { CallContext } from '../context/call-context.js';
import { IdleCache } from './idle.cache.js';
import { isOpenTo, readReservations, type Reservations } from './policy.js';
import { ToolView } from './tool-view.js';

/**
 * Tools in all views together. A tool costs a view about 0.3 KB when it is searched and 0.8 KB when it is listed (`npm run bench`): some 200 MB
 * at the very most, and what a gateway has in fact is far below.
 */
const MOST_TOOLS = 250_000;
/** An empty view is not for nothing either. */
const LEAST_WEIGHT = 10;
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 60_000;

/** A view, and what it was made of: a revision replaces either whole, and the view of another one is none. */
interface KeptView {
  readonly view: ToolView;
  readonly catalog: Catalog;
  readonly settings: LiveSettings;
}

/** The tool view of each caller, shared by all callers whose roles make no difference. */
@Injectable()
export class ToolViews implements OnApplicationShutdown {
  readonly #views = new IdleCache<KeptView>({ capacity: MOST_TOOLS, weigh: ({ view }) => Math.max(view.size, LEAST_WEIGHT), idleMs: IDLE_MS });
  readonly #reservations = new WeakMap<Catalog, { readonly policy: LiveSettings['policy']; readonly roles: Reservations }>();
  readonly #timer = setInterval(() => this.#views.sweep(), SWEEP_MS).unref();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly catalogs: Catalogs,
  ) {}

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** @param clientProfile that the client is known to need; a toolset's own goes before it */
  async viewOf({ caller, tenant, toolset }: Pick<CallContext, 'caller' | 'tenant' | 'toolset'>, clientProfile?: string): Promise<ToolView> {
    const catalog = await this.catalogs.of(tenant);
    const { settings } = this.live.current;
    const roles = Object.keys(settings.policy.roles).filter((role) => caller.roles.has(role));
    const set = toolset === undefined ? undefined : findToolset(settings, tenant.name, toolset);
    const profile = set?.profile ?? clientProfile;
    const name = JSON.stringify([tenant.id, toolset ?? null, profile ?? null, roles]);
    const known = this.#views.find(name);
    if (known?.catalog === catalog && known.settings === settings) return known.view;
    // A toolset that a revision took away between the guard and here has no tools.
    const entries = toolset !== undefined && !set ? [] : this.#entriesOf(catalog, settings, roles, set);
    const view = new ToolView(
      entries.map((entry) => entry.underProfile(profile)),
      { name, profile, searchAbove: set?.searchAbove ?? settings.tools.searchAbove },
    );
    this.#views.add(name, { view, catalog, settings });
    return view;
  }

  #entriesOf(catalog: Catalog, { policy }: LiveSettings, roles: readonly string[], set: ToolsetSettings | undefined): readonly Entry[] {
    const reservations = this.#reservationsOf(catalog, policy);
    const held = new Set(roles);
    const isIncluded = compilePatterns(set?.include ?? ['*']);
    return catalog.entries.filter((entry, index) => isOpenTo(reservations[index], held) && isIncluded(entry.path));
  }

  #reservationsOf(catalog: Catalog, policy: LiveSettings['policy']): Reservations {
    const known = this.#reservations.get(catalog);
    if (known?.policy === policy) return known.roles;
    const roles = readReservations(policy, catalog.entries);
    this.#reservations.set(catalog, { policy, roles });
    return roles;
  }
}

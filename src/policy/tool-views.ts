import { Injectable } from '@nestjs/common';
import type { Catalog } from '../catalog/catalog.js';
import { Catalogs } from '../catalog/catalogs.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import { isVisible } from './policy.js';
import { ToolView } from './tool-view.js';

/** Distinct sets of roles kept for one catalog and policy. */
const MOST_VIEWS = 100;

/** The tool view of each caller, shared by all callers whose roles make no difference. */
@Injectable()
export class ToolViews {
  /** By the catalog and the policy themselves: a revision replaces either whole, and what it replaced goes with its views. */
  readonly #views = new WeakMap<Catalog, WeakMap<LiveSettings['policy'], Map<string, ToolView>>>();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly catalogs: Catalogs,
  ) {}

  async viewOf({ caller, tenant }: CallContext): Promise<ToolView> {
    const catalog = await this.catalogs.of(tenant);
    const { policy } = this.live.current.settings;
    const views = this.#viewsOf(catalog, policy);
    const roles = JSON.stringify(Object.keys(policy.roles).filter((role) => caller.roles.has(role)));
    const known = views.get(roles);
    if (known) return known;
    if (views.size >= MOST_VIEWS) views.clear();
    const view = new ToolView(catalog.entries.filter((entry) => isVisible(policy, caller, entry)));
    views.set(roles, view);
    return view;
  }

  #viewsOf(catalog: Catalog, policy: LiveSettings['policy']): Map<string, ToolView> {
    const byPolicy = this.#views.get(catalog) ?? new WeakMap<LiveSettings['policy'], Map<string, ToolView>>();
    this.#views.set(catalog, byPolicy);
    const views = byPolicy.get(policy) ?? new Map<string, ToolView>();
    byPolicy.set(policy, views);
    return views;
  }
}

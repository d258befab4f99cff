import { Injectable } from '@nestjs/common';
import type { Catalog } from '../catalog/catalog.js';
import { Catalogs } from '../catalog/catalogs.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import { isHidden } from './policy.js';
import { ToolView } from './tool-view.js';

/** Distinct sets of roles kept for one catalog. */
const MOST_VIEWS = 100;

/** The tool view of each caller, shared by all callers whose roles make no difference. */
@Injectable()
export class ToolViews {
  readonly #views = new WeakMap<Catalog, Map<string, ToolView>>();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly catalogs: Catalogs,
  ) {}

  async viewOf({ caller, tenant }: CallContext): Promise<ToolView> {
    const catalog = await this.catalogs.of(tenant);
    const { policy } = this.live.current.settings;
    const views = this.#views.get(catalog) ?? new Map<string, ToolView>();
    this.#views.set(catalog, views);
    // The policy is part of the key: a revision may change it and leave the catalog as it is.
    const key = JSON.stringify([policy, Object.keys(policy.roles).filter((role) => caller.roles.has(role))]);
    const known = views.get(key);
    if (known) return known;
    if (views.size >= MOST_VIEWS) views.clear();
    const view = new ToolView(catalog.entries.filter((entry) => !isHidden(policy, caller, entry)));
    views.set(key, view);
    return view;
  }
}

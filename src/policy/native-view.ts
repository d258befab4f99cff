import { Injectable } from '@nestjs/common';
import { compilePatterns } from '../catalog/entry-pattern.js';
import type { NativePrompt, NativeResource } from '../catalog/native/native.entry.js';
import { NativeRegistry } from '../catalog/native/native.registry.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { findToolset } from '../config/toolset.js';
import type { CallContext } from '../context/call-context.js';
import { isOpenTo, readReservations } from './policy.js';

/** The resources and prompts of each caller. They are few, so that nothing is kept of them. */
@Injectable()
export class NativeViews {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly registry: NativeRegistry,
  ) {}

  get hasAny(): boolean {
    return this.registry.tools.length > 0 || this.hasResources || this.hasPrompts;
  }

  get hasResources(): boolean {
    return this.registry.resources.length > 0;
  }

  get hasPrompts(): boolean {
    return this.registry.prompts.length > 0;
  }

  resourcesOf(call: CallContext): readonly NativeResource[] {
    return this.#visibleOf(call, this.registry.resources);
  }

  /** The caller's resource at a URI, and the values of its variables. */
  findResource(call: CallContext, uri: string): { readonly entry: NativeResource; readonly input: Readonly<Record<string, string>> } | undefined {
    for (const entry of this.resourcesOf(call)) {
      const input = entry.uris.match(uri);
      if (input) return { entry, input };
    }
    return undefined;
  }

  promptsOf(call: CallContext): readonly NativePrompt[] {
    return this.#visibleOf(call, this.registry.prompts);
  }

  #visibleOf<Kind extends { readonly path: string }>({ caller, tenant, toolset }: CallContext, entries: readonly Kind[]): readonly Kind[] {
    const { settings } = this.live.current;
    const reservations = readReservations(settings.policy, entries);
    const set = toolset === undefined ? undefined : findToolset(settings, tenant.name, toolset);
    const isIncluded = compilePatterns(toolset === undefined ? ['*'] : (set?.include ?? []));
    return entries.filter(({ path }, index) => isOpenTo(reservations[index], caller.roles) && isIncluded(path));
  }
}

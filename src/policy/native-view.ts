import { Injectable } from '@nestjs/common';
import { Catalogs } from '../catalog/catalogs.js';
import { compilePatterns } from '../catalog/entry-pattern.js';
import type { NativePrompt, NativeResource } from '../catalog/native/native.entry.js';
import { NativeRegistry } from '../catalog/native/native.registry.js';
import type { McpPrompt, McpResource } from '../catalog/servers/mcp.resource.js';
import { MountedServers } from '../catalog/servers/mounted.servers.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { findToolset } from '../config/toolset.js';
import type { CallContext } from '../context/call-context.js';
import { isOpenTo, readReservations } from './policy.js';

/** A caller's resource at a URI, and what it is read with: the values of its variables, or for another server the URI. */
export interface FoundResource<Kind> {
  readonly entry: Kind;
  readonly input: Readonly<Record<string, string>>;
}

/** The resources and prompts of each caller. They are few, so that nothing is kept of them. */
@Injectable()
export class NativeViews {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly registry: NativeRegistry,
    private readonly mounted: MountedServers,
    private readonly catalogs: Catalogs,
  ) {}

  /** Whether there are entries of our own, which alone say something before their result. */
  get hasNatives(): boolean {
    return this.registry.tools.length > 0 || this.registry.prompts.length > 0 || this.hasNativeResources;
  }

  /** Whether there are resources of our own, which alone say when they change. */
  get hasNativeResources(): boolean {
    return this.registry.resources.length > 0;
  }

  /** Whether anything can suggest values for its arguments; prompts of documents cannot. */
  get hasCompletions(): boolean {
    return this.registry.prompts.length > 0 || this.hasNativeResources || this.#hasServers;
  }

  get hasPrompts(): boolean {
    // A document may have some.
    return this.registry.prompts.length > 0 || this.#hasServers || this.live.current.settings.apis.length > 0;
  }

  async resourcesOf(call: CallContext): Promise<readonly (NativeResource | McpResource)[]> {
    const { resources } = await this.catalogs.of(call.tenant);
    return [...this.#visibleOf(call, this.registry.resources), ...this.#visibleOf(call, resources)];
  }

  /** What is written for the gateway goes before what another server has, and a resource before a template. */
  async findResource(call: CallContext, uri: string): Promise<FoundResource<NativeResource | McpResource> | undefined> {
    const own = this.findNative(call, uri);
    if (own) return own;
    const { resources } = await this.catalogs.of(call.tenant);
    const visible = this.#visibleOf(call, resources);
    return find([...visible.filter(({ isTemplate }) => !isTemplate), ...visible.filter(({ isTemplate }) => isTemplate)], uri);
  }

  /** The same of resources written for the gateway, which alone say when they change. */
  findNative(call: CallContext, uri: string): FoundResource<NativeResource> | undefined {
    return find(this.#visibleOf(call, this.registry.resources), uri);
  }

  async promptsOf(call: CallContext): Promise<readonly (NativePrompt | McpPrompt)[]> {
    const { prompts } = await this.catalogs.of(call.tenant);
    return [...this.#visibleOf(call, this.registry.prompts), ...this.#visibleOf(call, prompts)];
  }

  get #hasServers(): boolean {
    return this.mounted.imports.length > 0 || this.live.current.settings.servers.length > 0;
  }

  #visibleOf<Kind extends { readonly path: string }>({ caller, tenant, toolset }: CallContext, entries: readonly Kind[]): readonly Kind[] {
    if (entries.length === 0) return [];
    const { settings } = this.live.current;
    const reservations = readReservations(settings.policy, entries);
    const set = toolset === undefined ? undefined : findToolset(settings, tenant.name, toolset);
    const isIncluded = compilePatterns(toolset === undefined ? ['*'] : (set?.include ?? []));
    return entries.filter(({ path }, index) => isOpenTo(reservations[index], caller.roles) && isIncluded(path));
  }
}

function find<Kind extends { match(uri: string): Readonly<Record<string, string>> | undefined }>(entries: readonly Kind[], uri: string): FoundResource<Kind> | undefined {
  for (const entry of entries) {
    const input = entry.match(uri);
    if (input) return { entry, input };
  }
  return undefined;
}

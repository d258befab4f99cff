import type { LiveSettings } from './configuration.schema.js';

export type ToolsetSettings = LiveSettings['toolsets'][number];

/** The tenant's toolset of this name. */
export function findToolset({ toolsets }: Pick<LiveSettings, 'toolsets'>, tenant: string, name: string): ToolsetSettings | undefined {
  return toolsets.find((set) => set.tenant === tenant && set.name === name);
}

/** Those that a door stands for: one for a tenant's own, one of each tenant that has the name for the common one. */
export function toolsetsAt({ toolsets }: Pick<LiveSettings, 'toolsets'>, tenant: string | undefined, name: string): readonly ToolsetSettings[] {
  return toolsets.filter((set) => set.name === name && (tenant === undefined || set.tenant === tenant));
}

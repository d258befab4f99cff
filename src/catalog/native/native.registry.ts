import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import type { NativeDefinition } from './native.definitions.js';
import { NATIVE_ENTRY, NATIVE_GROUP } from './native.decorators.js';
import { NativePrompt, NativeResource, NativeTool, type NativeEntry } from './native.entry.js';
import { isEntries, NATIVE_MODULES, type NativeModule } from './native.modules.js';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,40}$/;

/** The entries written in TypeScript: those of every provider of the application that says so, and of the files that `modules` names. */
@Injectable()
export class NativeRegistry implements OnModuleInit {
  tools: readonly NativeTool[] = [];
  resources: readonly NativeResource[] = [];
  prompts: readonly NativePrompt[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(NATIVE_MODULES) private readonly modules: readonly NativeModule[],
  ) {}

  /** @throws Error when a definition is of no use, or two have one name */
  onModuleInit(): void {
    const provided = this.discovery.getProviders().flatMap(({ metatype, instance }) => {
      const group = typeof metatype === 'function' ? this.reflector.get<string | undefined>(NATIVE_GROUP, metatype) : undefined;
      return group === undefined ? [] : this.#entriesOf(group, instance);
    });
    const loaded = this.modules.filter(isEntries).flatMap(({ group, entries: defined }) => defined.map(({ definition, handle }) => create(group, definition, handle)));
    const entries = [...provided, ...loaded];
    const sorted = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    sorted.forEach(({ kind, name }, index) => {
      if (sorted[index - 1]?.name === name && sorted[index - 1]?.kind === kind) throw new Error(`two native entries are the ${kind} "${name}"`);
    });
    this.tools = sorted.filter((entry) => entry.kind === 'tool');
    this.resources = sorted.filter((entry) => entry.kind === 'resource');
    this.prompts = sorted.filter((entry) => entry.kind === 'prompt');
  }

  #entriesOf(group: string, instance: unknown): readonly NativeEntry[] {
    if (typeof instance !== 'object' || instance === null) throw new Error(`the native entries of "${group}" are a provider of another scope than the default, which is not possible`);
    return Object.getOwnPropertyNames(Object.getPrototypeOf(instance)).flatMap((method) => {
      const handler: unknown = Reflect.get(instance, method);
      const definition = typeof handler === 'function' ? this.reflector.get<NativeDefinition | undefined>(NATIVE_ENTRY, handler) : undefined;
      if (!definition || typeof handler !== 'function') return [];
      return [create(group, definition, (input, call) => Reflect.apply(handler, instance, [input, call]))];
    });
  }
}

/** @throws Error for a name that clients would not take */
function create(group: string, definition: NativeDefinition, handle: NativeEntry['handle']): NativeEntry {
  if (!NAME.test(group) || !NAME.test(definition.name)) throw new Error(`native entry ${group}.${definition.name}: names begin with a letter and have letters, digits and "_"`);
  switch (definition.kind) {
    case 'tool':
      return new NativeTool(group, definition, handle);
    case 'resource':
      return new NativeResource(group, definition, handle);
    case 'prompt':
      return new NativePrompt(group, definition, handle);
  }
}

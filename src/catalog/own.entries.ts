import { Injectable } from '@nestjs/common';
import type { Catalog } from './catalog.js';
import type { Entry } from './entry.js';
import { NativeRegistry } from './native/native.registry.js';
import type { ServerImport } from './servers/import-server.js';
import { MountedServers } from './servers/mounted.servers.js';

/** What the application itself brings: entries written in TypeScript, and servers that it mounts. The same for every tenant. */
@Injectable()
export class OwnEntries {
  constructor(
    private readonly natives: NativeRegistry,
    private readonly mounted: MountedServers,
  ) {}

  get tools(): readonly Entry[] {
    return [...this.natives.tools, ...this.mounted.imports.flatMap(({ entries }) => entries)];
  }

  get imports(): readonly ServerImport[] {
    return this.mounted.imports;
  }
}

type Imported = Omit<ServerImport, 'entries' | 'prompts'> & Pick<Catalog, 'entries' | 'prompts'>;

/**
 * The catalog of a tenant. What is written for the gateway goes before a document's or another server's: none may take its name. Of
 * two resources with one URI, the first serves.
 */
export function joinCatalog(own: OwnEntries, loaded: readonly Imported[], warn: (msg: string, detail: object) => void): Catalog {
  const all = [...own.imports, ...loaded];
  const entries = [...own.tools, ...loaded.flatMap((one) => one.entries)];
  return Object.freeze({
    entries: Object.freeze(keepFirst(entries, ({ name }) => name, ({ path }) => warn('a tool has the name of another one, which serves', { path }))),
    resources: Object.freeze(keepFirst(all.flatMap((one) => one.resources), ({ uri }) => uri, ({ path, uri }) => warn('a resource has the URI of another one, which serves', { path, uri }))),
    prompts: Object.freeze(keepFirst(all.flatMap((one) => one.prompts), ({ name }) => name, ({ path }) => warn('a prompt has the name of another one, which serves', { path }))),
  });
}

function keepFirst<T>(members: readonly T[], keyOf: (member: T) => string, report: (dropped: T) => void): readonly T[] {
  const kept = new Map<string, T>();
  for (const member of members) {
    if (kept.has(keyOf(member))) report(member);
    else kept.set(keyOf(member), member);
  }
  return [...kept.values()];
}

import type { Adapter, AdapterPayload } from 'oidc-provider';
import { supportedScopes } from './scopes.js';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

const maxEntries = 10_000;

/** What oidc-provider keeps, in memory and bounded: the oldest goes when it is full. */
export class MemoryStore {
  private readonly entries = new Map<string, Entry>();
  private readonly grantMembers = new Map<string, Set<string>>();

  adapter(model: string): Adapter {
    const key = (id: string): string => `${model}:${id}`;
    const findBy = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
      const prefix = key('');
      for (const [name, entry] of this.entries) {
        if (name.startsWith(prefix) && entry.expiresAt > Date.now() && matches(entry.payload)) return entry.payload;
      }
      return undefined;
    };
    return {
      upsert: async (id, payload, expiresIn) => this.put(key(id), model === 'Client' ? withAllScopes(payload) : payload, expiresIn),
      find: async (id) => this.get(key(id)),
      findByUid: async (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => findBy((payload) => payload.userCode === userCode),
      consume: async (id) => {
        const payload = this.get(key(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void this.entries.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const name of this.grantMembers.get(grantId) ?? []) this.entries.delete(name);
        this.grantMembers.delete(grantId);
      },
    };
  }

  private put(name: string, payload: AdapterPayload, expiresIn: number | undefined): void {
    this.entries.delete(name);
    this.entries.set(name, { payload, expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    if (payload.grantId) {
      const members = this.grantMembers.get(payload.grantId) ?? new Set();
      this.grantMembers.set(payload.grantId, members.add(name));
    }
    evictOldest(this.entries);
    evictOldest(this.grantMembers);
  }

  private get(name: string): AdapterPayload | undefined {
    const entry = this.entries.get(name);
    return entry && entry.expiresAt > Date.now() ? entry.payload : undefined;
  }
}

/**
 * A client registers with the scopes that it needs first and steps up later; held to those it never could
 * (RFC 7591 section 3.2.1: the server may replace what was asked). What a person may do is decided at the consent.
 */
function withAllScopes(payload: AdapterPayload): AdapterPayload {
  return { ...payload, scope: supportedScopes.join(' ') };
}

function evictOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= maxEntries) return;
    map.delete(oldest);
  }
}

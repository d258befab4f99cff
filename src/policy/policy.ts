import type { Entry } from '../catalog/entry.js';
import { matchesPattern } from '../catalog/entry-pattern.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import type { Caller } from '../context/caller.js';

/** The one decision, for list and call alike. */
export type Decision =
  | { readonly kind: 'allowed' }
  /** Listed, but a call needs these scopes or roles of the caller first. */
  | { readonly kind: 'step-up'; readonly missing: readonly string[] }
  /** As if it did not exist. */
  | { readonly kind: 'hidden' };

/**
 * A role in `policy.roles` reserves the entries its patterns name: they exist only for callers with one of these roles.
 * An entry is allowed when all scopes of one of its security alternatives are held, under the names that the API's
 * `scopes` give them.
 */
export function decide(policy: LiveSettings['policy'], caller: Caller, entry: Entry): Decision {
  if (isHidden(policy, caller, entry)) return { kind: 'hidden' };
  const { security } = entry.operation;
  if (security.length === 0) return { kind: 'allowed' };
  let closest: readonly string[] | undefined;
  for (const alternative of security) {
    const missing = alternative.map((scope) => callerScope(entry, scope)).filter((scope) => !holds(caller, scope));
    if (missing.length === 0) return { kind: 'allowed' };
    if (!closest || missing.length < closest.length) closest = missing;
  }
  return { kind: 'step-up', missing: closest ?? [] };
}

/** The API's scopes that this caller holds: all that an exchange may ask for. */
export function heldScopes(caller: Caller, entry: Entry): readonly string[] {
  return entry.api.scopes.filter((scope) => holds(caller, callerScope(entry, scope)));
}

/** Whether the scopes of a token obtained for the API satisfy the operation; a token that names none cannot be judged. */
export function coversOperation(entry: Entry, granted: readonly string[]): boolean {
  const { security } = entry.operation;
  return security.length === 0 || security.some((alternative) => alternative.every((scope) => granted.includes(scope)));
}

export function isHidden({ roles }: LiveSettings['policy'], caller: Caller, { path }: Entry): boolean {
  let reserved = false;
  for (const [role, patterns] of Object.entries(roles)) {
    if (!patterns.some((pattern) => matchesPattern(pattern, path))) continue;
    if (caller.roles.has(role)) return false;
    reserved = true;
  }
  return reserved;
}

/** What the caller must hold for an API's scope: by default the scope of the same name. */
function callerScope(entry: Entry, scope: string): string {
  const { scopes } = entry.api.settings;
  return Object.hasOwn(scopes, scope) ? (scopes[scope] ?? scope) : scope;
}

function holds(caller: Caller, name: string): boolean {
  return caller.scopes.has(name) || caller.roles.has(name);
}

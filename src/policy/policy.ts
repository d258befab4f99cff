import type { Entry, TokenBound } from '../catalog/entry.js';
import { compilePatterns } from '../catalog/entry-pattern.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import type { Caller } from '../context/caller.js';

/** For each entry, in order, the roles that reserve it; undefined for what everybody has. */
export type Reservations = readonly (readonly string[] | undefined)[];

/**
 * A role in `policy.roles` reserves the entries its patterns name: they exist only for callers with one of these roles. Lists, searches and
 * calls ask the same tool view, which is what this decides.
 */
export function readReservations({ roles }: LiveSettings['policy'], entries: readonly Pick<Entry, 'path'>[]): Reservations {
  const reserving = Object.entries(roles).map(([role, patterns]) => ({ role, isNamed: compilePatterns(patterns) }));
  return entries.map(({ path }) => {
    const names = reserving.filter(({ isNamed }) => isNamed(path)).map(({ role }) => role);
    return names.length === 0 ? undefined : names;
  });
}

/** Whether an entry exists for a caller with these roles. */
export function isOpenTo(reserving: readonly string[] | undefined, roles: ReadonlySet<string>): boolean {
  return reserving === undefined || reserving.some((role) => roles.has(role));
}

/**
 * The scopes or roles that the caller lacks for a call, under the names that the API's `scopes` give them; none when it
 * holds all of one security alternative. Of several alternatives it is the one that lacks least.
 */
export function missingScopes(caller: Caller, { required }: Pick<Entry, 'required'>): readonly string[] {
  const lacking = required.map((alternative) => alternative.filter((scope) => !holds(caller, scope)));
  return lacking.toSorted((one, other) => one.length - other.length)[0] ?? [];
}

/** The upstream's scopes that this caller holds: all that an exchange may ask for. */
export function heldScopes(caller: Caller, entry: TokenBound): readonly string[] {
  return entry.scopes.filter((scope) => holds(caller, entry.scopeOfCaller(scope)));
}

/** What the scopes of a token obtained for an API or server, under its own names, lack for the entry; none when they satisfy an alternative. */
export function lackingScopes({ needed }: TokenBound, granted: readonly string[]): readonly string[] {
  const lacking = needed.map((alternative) => alternative.filter((scope) => !granted.includes(scope)));
  return lacking.toSorted((one, other) => one.length - other.length)[0] ?? [];
}

/** Whether the caller holds an API's scope under its own name, and not under one that the API's `scopes` give it. */
export function isHeldByName(entry: TokenBound, scope: string): boolean {
  return entry.scopeOfCaller(scope) === scope;
}

function holds(caller: Caller, name: string): boolean {
  return caller.scopes.has(name) || caller.roles.has(name);
}

import { clientProfiles } from '@gatehouse-mcp/openapi-tools';
import { z } from 'zod';
import { entryPattern, identifier } from './configuration.values.js';

export const clientProfile = z.string().refine((name) => Object.hasOwn(clientProfiles, name), `must be one of ${Object.keys(clientProfiles).join(', ')}`);

/** Number of tools above which a list gives the search in their place. */
const searchAbove = z.union([z.int('must be a number of tools, or false').min(0).max(100_000), z.literal(false)]);

/** How tools are shown to clients. */
export const toolsSchema = z.strictObject({
  searchAbove: searchAbove.default(40),
  /** By pattern of `clientInfo.name`; these go before those that Gatehouse knows. */
  profiles: z.record(z.string().min(1).max(200), clientProfile).default({}),
});

/** A named part of a tenant's tools, a protected resource of its own at `/mcp/sets/NAME`. */
export const toolsetSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a name for a path: lower-case letters, digits or "-", 40 at most'),
  tenant: identifier,
  title: z.string().min(1).max(200).optional(),
  include: z.array(entryPattern).min(1),
  /** What a caller must hold for the whole set, besides what its tools need. */
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope (RFC 6749 §3.3)')).default([]),
  profile: clientProfile.optional(),
  searchAbove: searchAbove.optional(),
});

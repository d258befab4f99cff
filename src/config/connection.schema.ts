import { z } from 'zod';
import { clientId, clientProof } from './credential.schema.js';
import { httpUrl, identifier, issuerUrl, secretReference } from './configuration.values.js';
import { text } from './provider.schema.js';

/** `connections:` of `gatehouse.yaml`: accounts of their own elsewhere that users connect, and `vault:`, where these are kept. */

const title = z.string().regex(/^[^\p{Cc}\p{Cf}<>]{1,60}$/u, 'must be 1 to 60 characters without control characters, < and >').optional();

/** An authorization server of somebody else, where users give Gatehouse access to their account (RFC 6749 §4.1). */
const oauth = z.strictObject({
  name: identifier,
  tenant: identifier,
  type: z.literal('oauth'),
  /** Known endpoints and habits; what is set beside it wins. */
  preset: z.enum(['oauth', 'github', 'gitlab', 'gitea', 'google', 'microsoft']).default('oauth'),
  title,
  /** Its metadata names the endpoints that are not set. */
  issuer: issuerUrl.optional(),
  authorizationEndpoint: httpUrl.optional(),
  tokenEndpoint: httpUrl.optional(),
  revocationEndpoint: httpUrl.optional(),
  clientId,
  ...clientProof,
  scopes: z.array(text).default([]),
  /** Parameters of the authorization request besides the standard ones. */
  parameters: z.record(z.string(), z.string()).default({}),
  /** Whether a refresh token is good once: then it is never sent twice. */
  rotates: z.boolean().optional(),
  /** Whether token responses say what was granted; unknown otherwise, whatever was asked for. */
  scopeReported: z.boolean().optional(),
});

/** A key or password of the user's own, typed in once. */
const secret = z.strictObject({
  name: identifier,
  tenant: identifier,
  type: z.literal('secret'),
  title,
  /** One text, or a user name and a password. */
  kind: z.enum(['key', 'password']).default('key'),
  /** Where a user finds it. */
  help: z.string().min(1).max(500).optional(),
});

export const connectionSchema = z.discriminatedUnion('type', [oauth, secret]);

export const vaultSchema = z.strictObject({
  /** 32 random bytes each, as 64 hexadecimal digits or base64. The first encrypts; the others still decrypt. */
  keys: z.array(secretReference).min(1, 'must name at least one key'),
});

export type ConnectionSettings = z.output<typeof connectionSchema>;
export type ConnectionOf<T extends ConnectionSettings['type']> = Extract<ConnectionSettings, { type: T }>;

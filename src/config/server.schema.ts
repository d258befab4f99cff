import { z } from 'zod';
import { duration, entryPattern, httpUrl, identifier } from './configuration.values.js';
import { apiKeySchema, clientCredentialsSchema, credentialSchema } from './credential.schema.js';

/** How many tokens a result may have; the same for APIs and for MCP servers. */
export const resultLimits = z.strictObject({ maxTokens: z.int().min(100).max(1_000_000).default(25_000) }).default({ maxTokens: 25_000 });

/** Which changes wait for an operator. */
export const approval = z.enum(['auto', 'breaking', 'all']).default('breaking');

/** Who reads a server's definitions: nobody in particular, so never a user's credential. */
const discoveryCredential = z.discriminatedUnion('type', [clientCredentialsSchema.omit({ when: true }), apiKeySchema.omit({ when: true })]);

/** `servers` of `gatehouse.yaml`: other MCP servers, whose entries a tenant has under a prefix. */
export const serverSchema = z.strictObject({
  /** Prefix of its names, so short. */
  name: identifier.max(20, 'must have at most 20 characters: it is the prefix of tool names'),
  tenant: identifier,
  /** Its Streamable HTTP endpoint. */
  url: httpUrl,
  /** Refused with its reason, where an unknown key would only be unknown. */
  command: z.never('is not offered: Gatehouse starts no programs, in production or elsewhere; put the stdio server behind Streamable HTTP and give its url').optional(),
  refresh: duration.refine((ms) => ms >= 60_000, 'must be 1m or longer').default(900_000),
  approval,
  include: z.array(entryPattern).min(1).optional(),
  /** By pattern of `server.tool`: what a caller must hold for it. */
  scopes: z.record(entryPattern, z.string().min(1)).default({}),
  results: resultLimits,
  timeout: duration.default(30_000),
  credentials: z.array(credentialSchema).min(1),
  discovery: discoveryCredential.optional(),
});

export type ServerSettings = z.output<typeof serverSchema>;

import { Secret } from '@gatehouse-mcp/oauth';
import { z } from 'zod';
import { canCarryKey } from '../../config/credential.checks.js';
import type { CredentialOf } from '../../config/credential.schema.js';
import type { Placement } from '../../context/credential.js';

const seconds = z.number().positive().finite();
const scopes = z.union([z.array(z.string()), z.string().transform((text) => text.split(' ').filter(Boolean))]);
const common = {
  /** Seconds for which it may be kept. */
  ttl: z.number().nonnegative().finite().optional(),
};

const token = z.object({ ...common, type: z.enum(['token', 'oauth2']), access_token: z.string().min(1), expires_in: seconds.optional(), scope: scopes.optional() });
const apiKey = z.object({
  ...common,
  type: z.literal('api_key'),
  api_key: z.string().min(1),
  in: z.enum(['header', 'query', 'cookie']).optional(),
  name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/).optional(),
  prefix: z.string().regex(/^[\x20-\x7e]{0,32}$/).optional(),
});
const serviceAccount = z.object({
  ...common,
  type: z.literal('service_account'),
  service_account: z.object({ client_email: z.string().min(1), private_key: z.string().min(1), private_key_id: z.string().optional(), token_uri: z.url({ protocol: /^https?$/ }) }),
  scope: scopes.optional(),
});
const answer = z.discriminatedUnion('type', [token, apiKey, serviceAccount]);

/** What a credential service answers with (200, JSON). */
export type ResolverAnswer = z.output<typeof answer>;
export type ServiceAccount = z.output<typeof serviceAccount>['service_account'];

/** @throws Error that says which member is wrong, and nothing of what it holds */
export function readAnswer(body: string): ResolverAnswer {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Error('its answer is no JSON');
  }
  const result = answer.safeParse(value);
  if (result.success) return result.data;
  const paths = result.error.issues.map(({ path }) => path.join('.') || 'type');
  throw new Error(`its answer is none of token, api_key and service_account (${[...new Set(paths)].join(', ')})`);
}

/** A header or cookie that is not this cannot be sent, and a line end in it would begin another header. */
const SENDABLE = { header: /^[\x20-\x7e]+$/, query: /^[^\p{Cc}]+$/u, cookie: /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/ } as const;

/** @throws Error for a secret that cannot stand there, and for a header that is the wire's own */
export function placeAnswer(answered: Exclude<ResolverAnswer, { type: 'service_account' }>, settings: Pick<CredentialOf<'resolver'>, 'in' | 'name' | 'prefix'>): Placement {
  const placement = answered.type === 'api_key' ? placeKey(answered, settings) : ({ in: 'header', name: 'authorization', prefix: 'Bearer ', secret: new Secret(answered.access_token) } as const);
  if (!canCarryKey(placement.in, placement.name)) throw new Error('its answer has a credential for a header that cannot carry one');
  if (!SENDABLE[placement.in].test(placement.prefix + placement.secret.reveal())) throw new Error(`its answer has a credential that cannot stand in a ${placement.in}`);
  return placement;
}

function placeKey(answered: Extract<ResolverAnswer, { type: 'api_key' }>, settings: Pick<CredentialOf<'resolver'>, 'in' | 'name' | 'prefix'>): Placement {
  const place = answered.in ?? settings.in;
  return { in: place, name: answered.name ?? settings.name, prefix: answered.prefix ?? settings.prefix ?? '', secret: new Secret(answered.api_key) };
}

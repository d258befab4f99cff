import { TokenGrantError, type Secret } from '@gatehouse-mcp/oauth';
import type { CredentialOf } from '../config/credential.schema.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import { GatewayError } from '../errors/gateway.error.js';
import type { LinkContext } from './credential.strategy.js';
import type { Obtained } from './granted.tokens.js';

/** The statuses are what an API owner would see if the gateway answered in plain HTTP; a tool call reads the text. */
const REFUSED = { code: 'exchange_refused', status: 502 };
const UNAVAILABLE = { code: 'exchange_unavailable', status: 503 };
const INTERACTION = { code: 'interaction_required', status: 401 };

const names = {
  'token-exchange': 'the token exchange',
  'entra-obo': 'the on-behalf-of exchange',
  'jwt-bearer': 'the assertion grant',
  'client-credentials': 'the client credentials grant',
  vault: 'the connected account',
  'user-secret': 'your own key',
  resolver: 'the credential service',
  'api-key': 'the key',
  none: 'no credential',
} as const;

/** The link in words. */
export function describeLink({ upstream, settings }: Pick<LinkContext, 'upstream' | 'settings'>): string {
  const provider = 'provider' in settings && settings.provider !== undefined ? ` at provider "${settings.provider}"` : '';
  return `${names[settings.type]} for ${upstream}${provider}`;
}

/**
 * The caller's own token. It is shown to the server that issued it and to nobody else: the link's provider must be the caller's.
 * @throws GatewayError when it is not, or when the credential is none that is exchanged
 */
export function readSubjectToken({ subjectToken, caller }: CallContext, context: LinkContext<CredentialOf<'token-exchange' | 'entra-obo' | 'jwt-bearer'>>): Secret {
  if (caller.provider !== context.settings.provider) throw new GatewayError(REFUSED, `${describeLink(context)}: you are signed in at provider "${caller.provider}"`);
  if (!subjectToken) throw new GatewayError(REFUSED, `${describeLink(context)}: your credential is no token that can be exchanged`);
  return subjectToken;
}

/** @throws GatewayError for a caller without a user: the grant would be refused by the server in other words */
export function requireUser({ caller }: CallContext, context: LinkContext): void {
  if (caller.kind === 'user') return;
  throw new GatewayError(REFUSED, `${describeLink(context)} acts for users, and you are a machine: the operator has to declare a link with when: machine, such as client-credentials`);
}

/** @throws GatewayError that says what the link refuses */
export function refuseLink(context: LinkContext, reason: string): GatewayError {
  return new GatewayError(REFUSED, `${describeLink(context)}: ${reason}`);
}

/** Whose grant it is, in the key of its token: the caller's own, by the token that is shown for it. */
export function partsOfCaller({ tenant, caller }: CallContext, { settings, revision }: LinkContext, subjectToken: Secret) {
  return { tenant: tenant.id, strategy: settings.type, revision, issuer: caller.issuer, subject: caller.subject, subjectToken: subjectToken.reveal() };
}

/** The same of a service: every caller of the tenant shares it. */
export function partsOfService({ tenant }: CallContext, revision: string, strategy: string) {
  return { tenant: tenant.id, strategy, revision, issuer: '', subject: '', subjectToken: '' };
}

/** Seconds for which the caller's own token is still good. */
export const subjectLifetime = ({ caller }: CallContext): number => caller.expiresAt - Date.now() / 1_000;

/** Scopes that say something: `.default` stands for whatever the application was given, and null for what nobody named. */
export function namedScopes(granted: readonly string[]): readonly string[] | null {
  const named = granted.filter((scope) => !scope.endsWith('.default'));
  return named.length === 0 ? null : named;
}

/** A granted token as the bearer token of a call. */
export function bearerOf({ token, evict }: Obtained, how: Pick<Credential, 'actor' | 'scopes' | 'isNarrowed'>): Credential {
  return { placement: { in: 'header', name: 'authorization', prefix: 'Bearer ', secret: token.accessToken }, evict, ...how };
}

/** Runs the work of a link; what authorization servers refuse becomes an error that names the link. */
export async function explainFailures<T>(context: LinkContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (error instanceof TokenGrantError) throw describeRefusal(describeLink(context), error);
    throw new GatewayError(UNAVAILABLE, `${describeLink(context)}: the metadata of its issuer cannot be read`, { cause: error });
  }
}

function describeRefusal(link: string, error: TokenGrantError): GatewayError {
  if (error.error === 'interaction_required') {
    const challenge = error.claims === undefined ? '' : `; the next sign-in has to ask for the claims ${error.claims}`;
    return new GatewayError(INTERACTION, `${link} needs you to sign in again, and maybe to confirm it: ${error.message}${challenge}`, { cause: error });
  }
  const wait = error.retryAfter === undefined ? '' : `; try again in ${error.retryAfter} s`;
  return new GatewayError(error.error === 'unreachable' ? UNAVAILABLE : REFUSED, `${link} failed: ${error.message}${wait}`, { cause: error });
}

import { GatewayError } from './gateway.error.js';

/** What a challenge says (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  readonly resourceMetadata: string;
  readonly scope?: string;
  readonly error?: 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
}

export function formatChallenge({ resourceMetadata, scope, error, description }: Challenge): string {
  const parameters = [
    error && `error="${error}"`,
    description && `error_description="${quote(description)}"`,
    scope && `scope="${quote(scope)}"`,
    `resource_metadata="${quote(resourceMetadata)}"`,
  ];
  return `Bearer ${parameters.filter(Boolean).join(', ')}`;
}

/** 401: without `error` when no credential was sent (RFC 6750 §3.1). */
export function unauthorized(challenge: Challenge, cause?: unknown): GatewayError {
  const message = challenge.description ?? 'sign in first: the WWW-Authenticate header names the metadata of this resource';
  return new GatewayError({ code: challenge.error ?? 'unauthorized', status: 401 }, message, {
    cause,
    headers: { 'www-authenticate': formatChallenge(challenge) },
  });
}

/**
 * 403 for a step-up: the scope is the union of what the caller has and what it needs, because some clients ask for
 * nothing but the challenged scopes.
 */
export function insufficientScope(resourceMetadata: string, held: Iterable<string>, needed: Iterable<string>): GatewayError {
  const missing = [...needed];
  const scope = [...new Set([...held, ...missing])].join(' ');
  const description = `this call needs the scope ${missing.join(' ')}`;
  return new GatewayError({ code: 'insufficient_scope', status: 403 }, description, {
    headers: { 'www-authenticate': formatChallenge({ resourceMetadata, scope, error: 'insufficient_scope', description }) },
  });
}

function quote(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ').replace(/["\\]/g, '\\$&');
}

import { apiScopes, type DemoAccount } from './users.js';

export const supportedScopes = ['openid', 'offline_access', ...apiScopes] as const;

/** What an access token for a resource may carry; `offline_access` concerns only this server. */
export const resourceScopes = ['openid', ...apiScopes] as const;

export interface ScopeDecision {
  readonly granted: readonly string[];
  readonly withheld: readonly string[];
}

/** Splits requested scopes into what this account may have and what is silently left out (RFC 6749 section 3.3). */
export function decideScopes(account: DemoAccount, requested: readonly string[]): ScopeDecision {
  const isAllowed = (scope: string): boolean => !isApiScope(scope) || account.scopes.includes(scope);
  return { granted: requested.filter(isAllowed), withheld: requested.filter((scope) => !isAllowed(scope)) };
}

export function isApiScope(scope: string): boolean {
  return apiScopes.some((known) => known === scope);
}

export function splitScope(scope: string | undefined): string[] {
  return [...new Set((scope ?? '').split(' ').filter(Boolean))];
}

import type { TenantRule, TenantSettings } from '../config/configuration.schema.js';

/** Names and values of a verified token's payload. */
export type Claims = Readonly<Record<string, unknown>>;

// One ASCII address: exactly one "@", an LDH domain. Nothing is normalised and no suffix is matched.
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})$/;

/**
 * The tenant that the rules give to verified claims.
 * @returns undefined when no rule applies, or when rules of two tenants do
 */
export function matchTenant(tenants: Readonly<Record<string, TenantSettings>>, provider: string, claims: Claims): string | undefined {
  const names = Object.entries(tenants)
    .filter(([, { rules }]) => rules.some((rule) => rule.provider === provider && applies(rule, claims)))
    .map(([name]) => name);
  return names.length === 1 ? names[0] : undefined;
}

function applies(rule: TenantRule, claims: Claims): boolean {
  if ('claim' in rule) return Object.hasOwn(claims, rule.claim) && claims[rule.claim] === rule.equals;
  if ('emailDomains' in rule) {
    const { email, email_verified: verified } = claims;
    const domain = verified === true && typeof email === 'string' ? EMAIL.exec(email)?.[1] : undefined;
    return domain !== undefined && rule.emailDomains.includes(domain);
  }
  return true;
}

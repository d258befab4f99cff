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
    const domain = readVerifiedEmail(claims)?.domain;
    return domain !== undefined && rule.emailDomains.includes(domain);
  }
  return true;
}

/** The e-mail address of verified claims, when the provider says that it is the user's; its domain is compared exactly. */
export function readVerifiedEmail({ email, email_verified: verified }: Claims): { readonly address: string; readonly domain: string } | undefined {
  const [address, domain] = (verified === true && typeof email === 'string' && EMAIL.exec(email)) || [];
  return address === undefined || domain === undefined ? undefined : { address, domain };
}

import { describe, expect, it } from '@jest/globals';
import { matchTenant } from './tenant-rules.js';

const tenants = {
  acme: { state: 'active' as const, rules: [{ provider: 'corp', claim: 'org', equals: 'acme' }, { provider: 'google', emailDomains: ['acme.com'] }] },
  globex: { state: 'active' as const, rules: [{ provider: 'corp', claim: 'org', equals: 'globex' }, { provider: 'globex-idp' }, { provider: 'corp', claim: 'also', equals: 'globex' }] },
};

describe('the tenant of verified claims', () => {
  it('comes from the issuer, from a claim, or from a verified e-mail domain', () => {
    expect(matchTenant(tenants, 'globex-idp', {})).toBe('globex');
    expect(matchTenant(tenants, 'corp', { org: 'acme' })).toBe('acme');
    expect(matchTenant(tenants, 'google', { email: 'u@acme.com', email_verified: true })).toBe('acme');
  });

  it('is none when rules of two tenants disagree', () => {
    expect(matchTenant(tenants, 'corp', { org: 'acme', also: 'globex' })).toBeUndefined();
  });

  it('is never given by another provider that asserts the same', () => {
    expect(matchTenant(tenants, 'google', { org: 'acme' })).toBeUndefined();
    expect(matchTenant(tenants, 'corp', { email: 'u@acme.com', email_verified: true })).toBeUndefined();
  });

  it.each([['u@acme.com@evil.com'], ['"u@acme.com"@evil.com'], ['u@acme.com.evil.com'], ['u@notacme.com'], ['u@\u0430cme.com'], ['u@acme\u3002com'], ['u@acme.com.'], ['u@ac\u212ae.com'], ['u@ACME.COM'], ['@acme.com'], [' u@acme.com'], [['u@acme.com']]])('is none for the e-mail %j', (email) => {
    expect(matchTenant(tenants, 'google', { email, email_verified: true })).toBeUndefined();
  });

  it.each([[false], ['true'], ['false'], [1], [undefined], [null]])('is none when email_verified is %j', (verified) => {
    expect(matchTenant(tenants, 'google', { email: 'u@acme.com', email_verified: verified })).toBeUndefined();
  });

  it.each([['../x'], ['a";drop schema'], ['pg_catalog'], ['a'.repeat(65)], [['acme']], [{ acme: 1 }], ['__proto__'], ['ACME'], ['acme ']])('is none for the claim %j', (org) => {
    expect(matchTenant(tenants, 'corp', { org })).toBeUndefined();
  });
});

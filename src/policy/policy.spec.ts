import { describe, expect, it } from '@jest/globals';
import { importApi } from '../catalog/catalog.js';
import type { OpenapiEntry } from '../catalog/entry.js';
import { liveSchema } from '../config/configuration.schema.js';
import type { Caller } from '../context/caller.js';
import { testCaller } from '../../test/tools/caller.js';
import { heldScopes, isOpenTo, lackingScopes, missingScopes, readReservations } from './policy.js';

const document = {
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
  paths: {
    '/open': { get: { operationId: 'open', security: [] } },
    '/read': { get: { operationId: 'read', security: [{ oauth: ['read'] }] } },
    '/either': { get: { operationId: 'either', security: [{ oauth: ['read', 'audit'] }, { oauth: ['admin'] }] } },
  },
};

/** Entries by operation, of an API that maps its scopes as given. */
function entries(scopes: Record<string, string> = {}): Record<string, OpenapiEntry> {
  const { apis } = liveSchema.parse({
    providers: { corp: { preset: 'oidc', issuer: 'https://idp.example' } },
    tenants: { acme: { rules: [{ provider: 'corp' }] } },
    apis: [{ name: 'api', tenant: 'acme', openapi: 'file:./x', scopes, credentials: [{ type: 'none' }] }],
  });
  const [settings] = apis;
  if (!settings) throw new Error('no API');
  return Object.fromEntries(importApi(settings, { document: Buffer.from(JSON.stringify(document)), externals: {} }).entries.map((entry) => [entry.operation.name, entry]));
}

function caller(scopes: readonly string[], roles: readonly string[] = []): Caller {
  return testCaller({ scopes: new Set(scopes), roles: new Set(roles) });
}

describe('the scopes that a call lacks', () => {
  const { open, read, either } = entries();

  it.each([
    ['none where none is needed', open, [], []],
    ['none when they are held', read, ['read', 'more'], []],
    ['the one that is not held', read, ['write'], ['read']],
    ['none when one alternative is held', either, ['admin'], []],
    ['those of the alternative that lacks least', either, ['read'], ['audit']],
  ])('are %s', (_, entry, held, missing) => {
    expect(missingScopes(caller(held), entry!)).toEqual(missing);
  });

  it('go by the names that the API gives them, a scope or a role, and the API\'s own name no longer counts', () => {
    const mapped = entries({ read: 'orders-reader' })['read']!;
    expect(missingScopes(caller(['read']), mapped)).toEqual(['orders-reader']);
    expect(missingScopes(caller([], ['orders-reader']), mapped)).toEqual([]);
    expect(heldScopes(caller([], ['orders-reader']), mapped)).toEqual(['read']);
  });

  it('are judged again for the token that came back', () => {
    expect([lackingScopes(either!, ['admin']), lackingScopes(either!, ['read']), lackingScopes(open!, [])]).toEqual([[], ['audit'], []]);
  });
});

/** Whether the entry exists for the caller. */
function isVisible(policy: Parameters<typeof readReservations>[0], { roles }: Caller, entry: OpenapiEntry): boolean {
  return isOpenTo(readReservations(policy, [entry])[0], roles);
}

describe('an entry that roles reserve', () => {
  const { read, open } = entries();
  const policy = { roles: { admin: ['api.r*'], auditor: ['api.read'], other: ['elsewhere.*'] } };

  it('exists for any of these roles, and for nobody else', () => {
    expect(isVisible(policy, caller([], ['admin']), read!)).toBe(true);
    expect(isVisible(policy, caller([], ['auditor']), read!)).toBe(true);
    expect(isVisible(policy, caller(['read'], ['other']), read!)).toBe(false);
  });

  it('leaves the others to everybody, and takes no character of a pattern for another', () => {
    expect(isVisible(policy, caller([]), open!)).toBe(true);
    expect(isVisible({ roles: { admin: ['apiXread'] } }, caller([]), read!)).toBe(true);
    expect(isVisible({ roles: { admin: ['api.rea'] } }, caller([]), read!)).toBe(true);
  });
});

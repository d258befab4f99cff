import type { Caller } from '../../src/context/caller.js';

/** A verified caller as a strategy would describe it. */
export function testCaller(more: Partial<Caller> = {}): Caller {
  return {
    provider: 'corp',
    issuer: 'https://idp.example',
    subject: 'alice',
    kind: 'user',
    clientId: undefined,
    actors: [],
    name: undefined,
    email: undefined,
    verifiedEmail: undefined,
    scopes: new Set(),
    roles: new Set(),
    tenant: 'acme',
    authentication: { at: undefined, context: undefined, methods: [] },
    tokenId: undefined,
    issuedAt: undefined,
    expiresAt: Math.floor(Date.now() / 1_000) + 3_600,
    ...more,
  };
}

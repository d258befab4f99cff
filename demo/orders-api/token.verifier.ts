import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Owner } from './order.js';
import { Problem } from './problem.js';

/** Who calls, as the authorization server's token says. */
export interface Principal extends Owner {
  readonly scopes: readonly string[];
  readonly claims: JWTPayload;
}

export type VerifyToken = (authorization: string | undefined) => Promise<Principal>;

/** Verifies access tokens of one issuer, for one audience alone (RFC 9068 section 4). */
export function createTokenVerifier(issuer: string, audience: string): VerifyToken {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`), { timeoutDuration: 2000 });
  return async (authorization) => {
    const token = /^Bearer ([\w\-.~+/]+=*)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new Problem(401, 'A bearer token is required.', { 'www-authenticate': 'Bearer' });
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ['RS256'],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub', 'tenant'],
    }).catch((error: unknown) => {
      throw judgeFailure(error);
    });
    return describePrincipal(payload);
  };
}

function judgeFailure(error: unknown): Problem {
  const isAboutToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
  if (!isAboutToken) return new Problem(503, 'The authorization server does not answer.', { 'retry-after': '5' });
  return new Problem(401, `The token is not for this server: ${error.message}`, { 'www-authenticate': 'Bearer error="invalid_token"' });
}

function describePrincipal(claims: JWTPayload): Principal {
  const { sub, tenant, scope } = claims;
  if (typeof sub !== 'string' || typeof tenant !== 'string') {
    throw new Problem(401, 'The token names no subject and tenant.', { 'www-authenticate': 'Bearer error="invalid_token"' });
  }
  return { subject: sub, tenant, scopes: typeof scope === 'string' ? scope.split(' ') : [], claims };
}

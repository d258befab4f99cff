import { type CryptoKey, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';
import { splitScope } from './scopes.js';
import { signingAlgorithm } from './signing-key.js';

/** A verified subject token (RFC 8693 section 2.1): whose authority the exchange is about. */
export interface SubjectToken {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  readonly actor: unknown;
}

export interface SubjectTokenRules {
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  /** The URLs below which the exchanging gateway's resources lie: a token for anybody else is not its to exchange. */
  readonly gatewayUrls: readonly string[];
}

/** Verifies signature, issuer, type, expiry and audience; every failure is `invalid_request` (RFC 8693 section 2.2.2). */
export async function verifySubjectToken(token: string, rules: SubjectTokenRules): Promise<SubjectToken> {
  const { payload } = await jwtVerify(token, rules.publicKey, {
    issuer: rules.issuer,
    typ: 'at+jwt',
    algorithms: [signingAlgorithm],
    requiredClaims: ['exp', 'sub', 'aud'],
  }).catch((cause: unknown) => {
    throw new errors.InvalidRequest(`subject_token is invalid: ${cause instanceof Error ? cause.message : 'it cannot be verified'}`);
  });
  if (!isForOneOf(rules.gatewayUrls, payload.aud)) {
    throw new errors.InvalidRequest('subject_token was not issued for this client: its audience is another resource');
  }
  const scope = payload['scope'];
  return {
    subject: payload.sub ?? '',
    scopes: splitScope(typeof scope === 'string' ? scope : undefined),
    expiresAt: payload.exp ?? 0,
    actor: payload['act'],
  };
}

/** Whether a token's audience names a resource at one of these URLs, or below it. */
export function isForOneOf(urls: readonly string[], audience: string | readonly string[] | undefined): boolean {
  return [audience ?? []].flat().some((resource) => urls.some((url) => isBelow(url, resource)));
}

function isBelow(url: string, audience: string): boolean {
  return audience === url || audience.startsWith(`${url}/`);
}

import { type CryptoKey, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Middleware } from 'koa';
import { isProtocolContext } from './device-flow.js';
import { signingAlgorithm } from './signing-key.js';
import { isForOneOf } from './subject-token.js';

export interface IntrospectionRules {
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  /** What `gatehouse` may ask about: tokens for resources below its own URLs. */
  readonly gatewayUrls: readonly string[];
}

/**
 * RFC 7662 for the JWTs of this server, which oidc-provider leaves to their resources to verify: it has authenticated the
 * client by the time it says so. A token that the client may not ask about is as inactive as a forged one (section 2.2).
 */
export function introspectJwts(rules: IntrospectionRules): Middleware {
  return async (ctx, next) => {
    await next();
    if (!isProtocolContext(ctx) || ctx.oidc.route !== 'introspection' || !isUnsupportedType(ctx.body)) return;
    const { client, params } = ctx.oidc;
    ctx.status = 200;
    ctx.body = client ? await describe(rules, client.clientId, String(params?.['token'])) : { active: false };
  };
}

const isUnsupportedType = (body: unknown): boolean => typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type';

async function describe(rules: IntrospectionRules, clientId: string, token: string): Promise<Record<string, unknown>> {
  const claims = await verify(rules, token);
  if (!claims || !mayAsk(rules, clientId, claims)) return { active: false };
  return { active: true, token_type: 'Bearer', ...claims };
}

async function verify({ issuer, publicKey }: IntrospectionRules, token: string): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, publicKey, { issuer, typ: 'at+jwt', algorithms: [signingAlgorithm], requiredClaims: ['exp', 'sub', 'aud'] });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function mayAsk({ gatewayUrls }: IntrospectionRules, clientId: string, { aud, client_id: issuedTo }: JWTPayload): boolean {
  return clientId === issuedTo || (clientId === 'gatehouse' && isForOneOf(gatewayUrls, aud));
}

import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Claims of a token to be minted; `undefined` takes a default away. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** A provider's key pair: it signs tokens and shows its public half as providers publish it. */
export class SigningKey {
  private constructor(
    readonly kid: string,
    readonly algorithm: string,
    readonly privateKey: KeyPair['privateKey'],
    /** Only the members of the key itself: `kty` and its numbers. */
    readonly bareJwk: JWK,
  ) {}

  /** @param algorithm JWS `alg` (RFC 7518 §3.1) */
  static async generate(kid: string, algorithm = 'RS256'): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    return new SigningKey(kid, algorithm, privateKey, await exportJWK(publicKey));
  }

  /** With `kid`, `alg` and `use`, as most providers publish it. */
  get jwk(): JWK {
    return { ...this.bareJwk, kid: this.kid, alg: this.algorithm, use: 'sig' };
  }

  /** Signs the claims as they are, in a plain JWT unless the header says otherwise. */
  async sign(claims: TokenClaims, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const payload: JWTPayload = { ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: this.algorithm, kid: this.kid, typ: 'JWT', ...header }).sign(this.privateKey);
  }
}

/** `iat`, `nbf` or `exp`: whole seconds from now. */
export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

import { createHash, createPublicKey, KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { createSelfSignedCertificate } from './self-signed-certificate.js';
import { SigningKey, type TokenClaims } from './signing-key.js';

/** A signing key as Entra ID has them: named by its certificate's SHA-1 thumbprint, and published without `alg`. */
export class EntraKey {
  private constructor(
    private readonly key: SigningKey,
    readonly kid: string,
    private readonly certificate: Buffer,
  ) {}

  static async generate(): Promise<EntraKey> {
    const key = await SigningKey.generate('');
    const privateKey = KeyObject.from(key.privateKey);
    const certificate = createSelfSignedCertificate('accounts.accesscontrol.windows.net', privateKey, createPublicKey(privateKey));
    return new EntraKey(key, createHash('sha1').update(certificate).digest('base64url'), certificate);
  }

  /** @param issuer the `issuer` member of v2 key sets, where `{tenantid}` stands for any tenant; v1 sets have none */
  jwk(issuer?: string): JWK & { readonly issuer?: string } {
    const { n, e } = this.key.bareJwk;
    const x5c = [this.certificate.toString('base64')];
    return { kty: 'RSA', use: 'sig', kid: this.kid, x5t: this.kid, n: n ?? '', e: e ?? '', x5c, ...(issuer === undefined ? {} : { issuer }) };
  }

  /** v1 tokens name the thumbprint in the header too. */
  sign(claims: TokenClaims, version: 1 | 2): Promise<string> {
    return this.key.sign(claims, { kid: this.kid, ...(version === 1 ? { x5t: this.kid } : {}) });
  }
}

import { createHash, createPublicKey, KeyObject, X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { refuse } from './entra-refusal.js';
import type { FixedAnswer } from './provider-server.js';
import { createSelfSignedCertificate } from './self-signed-certificate.js';
import { SigningKey } from './signing-key.js';

/** A key of an app registration, in PEM. */
export interface EntraCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

interface Granted {
  readonly user: JWTPayload;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** The claims challenge of a conditional access policy. */
export const ENTRA_CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["c0ffee00-0000-4000-8000-00000000e17a"]}}}';

/** Entra ID's on-behalf-of flow: who may ask, for which API, and the refusals that administrators meet. */
export class EntraOnBehalfOf {
  /** Scopes by Application ID URI. */
  readonly resources = new Map<string, readonly string[]>();
  /** What stands between this user and the API now. */
  refusal: 'consent' | 'mfa' | 'mfaEnrolment' | undefined;
  readonly #certificates = new Map<string, X509Certificate>();

  knows(clientId: string): boolean {
    return this.#certificates.has(clientId);
  }

  /** Gives the app a certificate, and hands out its key. */
  async addCertificate(clientId: string): Promise<EntraCertificate> {
    const privateKey = KeyObject.from((await SigningKey.generate('')).privateKey);
    const certificate = new X509Certificate(createSelfSignedCertificate('gatehouse', privateKey, createPublicKey(privateKey)));
    this.#certificates.set(clientId, certificate);
    return { privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), certificate: certificate.toString() };
  }

  /** The client's assertion names its certificate by SHA-256 thumbprint, is signed with PS256, and is for this endpoint. */
  async proves(clientId: string, assertion: string, endpoint: string): Promise<boolean> {
    const certificate = this.#certificates.get(clientId);
    if (!certificate) return false;
    const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
    if (decodeProtectedHeader(assertion)['x5t#S256'] !== thumbprint) return false;
    const verified = await jwtVerify(assertion, certificate.publicKey, { algorithms: ['PS256'], audience: endpoint, issuer: clientId, subject: clientId }).catch(() => undefined);
    return verified !== undefined;
  }

  judge(form: URLSearchParams, clientId: string): Granted | FixedAnswer {
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return refuse(400, 'unsupported_grant_type', 70_003, 'The app requested an unsupported grant type.');
    const user = decodeJwt(form.get('assertion') ?? '');
    if (user.aud !== clientId && user.aud !== `api://${clientId}`) return refuse(400, 'invalid_grant', 50_013, `Assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value. Assertion audience is ${String(user.aud)}.]`);
    if (user['idtyp'] === 'app') return refuse(400, 'invalid_grant', 7_000_114, `Application '${clientId}' is not allowed to make application on-behalf-of calls.`);
    const [, resource = ''] = /^(.+)\/\.default$/.exec(form.get('scope') ?? '') ?? [];
    if (resource === '') return refuse(400, 'invalid_scope', 70_011, `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid.`);
    const scopes = this.resources.get(resource);
    if (!scopes) return refuse(400, 'invalid_resource', 500_011, `The resource principal named ${resource} was not found in the tenant named Acme.`);
    return this.#refuse() ?? { user, resource, scopes };
  }

  #refuse(): FixedAnswer | undefined {
    switch (this.refusal) {
      case 'consent':
        return refuse(400, 'invalid_grant', 65_001, "The user or administrator has not consented to use the application with ID 'x' named 'Gatehouse'. Send an interactive authorization request for this user and resource.", { suberror: 'consent_required' });
      case 'mfa':
        return refuse(400, 'interaction_required', 50_076, 'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the API.', { suberror: 'basic_action', claims: ENTRA_CLAIMS });
      case 'mfaEnrolment':
        return refuse(400, 'interaction_required', 50_079, 'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the API.', { suberror: 'basic_action', claims: ENTRA_CLAIMS });
      case undefined:
        return undefined;
    }
  }
}

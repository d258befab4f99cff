import { describeFailure } from './failure.js';
import type { IssuerFetch } from './issuer-http.js';

/** What Gatehouse uses of an authorization server's metadata (RFC 8414 §2, OpenID Connect Discovery 1.0 §3). */
export interface IssuerMetadata {
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly authorizationEndpoint: string | undefined;
  readonly registrationEndpoint: string | undefined;
  readonly introspectionEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  /** Whether its authorization responses carry `iss` (RFC 9207 §3). */
  readonly identifiesItself: boolean;
  /** The whole document, as published. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** The issuer publishes no usable metadata; `message` says which document and why. */
export class DiscoveryError extends Error {
  readonly code = 'discovery_failed';
  override readonly name = 'DiscoveryError';
}

/**
 * Fetches an issuer's metadata: OpenID Connect Discovery first, then RFC 8414 with the path inserted.
 * @param issuer exact issuer identifier; the document must repeat it (RFC 8414 §3.3)
 * @throws DiscoveryError when no document is usable
 */
export async function discoverIssuer(issuer: string, fetch: IssuerFetch): Promise<IssuerMetadata> {
  const problems: string[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      const response = await fetch(url, { headers: { accept: 'application/json' } });
      const text = await response.text();
      if (response.status === 200) return judgeMetadata(issuer, JSON.parse(text));
      problems.push(`${url} answered ${response.status}`);
    } catch (error) {
      problems.push(`${url}: ${describeFailure(error)}`);
    }
  }
  throw new DiscoveryError(`no metadata of issuer ${issuer}: ${problems.join('; ')}`);
}

/** The two places where metadata may stand, in the order in which they are tried. */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname.replace(/\/$/, '');
  return [`${origin}${path}/.well-known/openid-configuration`, `${origin}/.well-known/oauth-authorization-server${path}`];
}

function judgeMetadata(issuer: string, document: unknown): IssuerMetadata {
  if (typeof document !== 'object' || document === null) throw new DiscoveryError('is not a JSON object');
  const metadata: Record<string, unknown> = { ...document };
  if (metadata['issuer'] !== issuer) throw new DiscoveryError('names another issuer');
  return {
    issuer,
    jwksUri: endpoint(metadata, 'jwks_uri'),
    tokenEndpoint: endpoint(metadata, 'token_endpoint'),
    authorizationEndpoint: endpoint(metadata, 'authorization_endpoint'),
    registrationEndpoint: endpoint(metadata, 'registration_endpoint'),
    introspectionEndpoint: endpoint(metadata, 'introspection_endpoint'),
    revocationEndpoint: endpoint(metadata, 'revocation_endpoint'),
    identifiesItself: metadata['authorization_response_iss_parameter_supported'] === true,
    document: metadata,
  };
}

/** @throws DiscoveryError for what is there and no URL of the web: a browser may be sent there */
function endpoint(metadata: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = metadata[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw new DiscoveryError(`has a ${name} that is no URL`);
  return value;
}

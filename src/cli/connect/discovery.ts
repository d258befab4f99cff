import {
  type AuthorizationServerMetadata,
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  type FetchLike,
  IssuerMismatchError,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import { CommandError } from '../command.error.js';
import { assertSafe } from './checked-fetch.js';

/** What a 401 or 403 says (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  readonly resourceMetadataUrl?: URL | undefined;
  readonly scope?: string | undefined;
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
}

/** Where and how to sign in for one endpoint. */
export interface SignInPlace {
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata;
  /** RFC 8707 indicator, exactly as the resource writes it; undefined where it is to be left out. */
  readonly resource: string | undefined;
  /** What to ask for where nothing more is known. */
  readonly scope: string | undefined;
}

/** Endpoints of the metadata that something is sent to, or that a browser opens. */
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint'] as const;

/** From the endpoint's challenge to the authorization server's metadata (RFC 9728, RFC 8414 or OpenID Connect Discovery). @throws CommandError */
export async function discover(endpoint: URL, { resourceMetadataUrl, scope }: Challenge, fetch: FetchLike): Promise<SignInPlace> {
  const resource = await explain(`${endpoint.href} wants a sign-in but has no metadata that says where (RFC 9728)`, () =>
    discoverOAuthProtectedResourceMetadata(endpoint, resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }, fetch),
  );
  if (!checkResourceAllowed({ requestedResource: endpoint, configuredResource: resource.resource })) {
    throw new CommandError(`the metadata of ${endpoint.href} is that of another resource, ${resource.resource}`);
  }
  const [server] = resource.authorization_servers ?? [];
  if (server === undefined) throw new CommandError(`the metadata of ${endpoint.href} names no authorization server`);
  const metadata = await explain(`the authorization server ${server} has no metadata of use (RFC 8414)`, () => discoverAuthorizationServerMetadata(server, { fetchFn: fetch }));
  if (!metadata) throw new CommandError(`the authorization server ${server} has no metadata (RFC 8414, OpenID Connect Discovery)`);
  for (const name of ENDPOINTS) if (metadata[name] !== undefined) assertSafe(metadata[name], endpoint, `${name} of ${server}`);
  return { issuer: metadata.issuer, metadata, resource: resource.resource, scope: scope ?? resource.scopes_supported?.join(' ') };
}

/** The SDK's own errors name what is wrong with a document, for developers. */
async function explain<T>(problem: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof IssuerMismatchError) throw new CommandError(`${problem}: it names another issuer than was asked`);
    throw new CommandError(`${problem}: ${describe(error)}`);
  }
}

/** Of a document that has not the shape, the members that are wrong. */
function describe(error: unknown): string {
  const { data } = z.object({ issues: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])) })) }).safeParse(error);
  if (data) return `wrong or missing there: ${[...new Set(data.issues.map(({ path }) => path.join('.')))].join(', ')}`.slice(0, 300);
  return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '').slice(0, 300) : 'unknown reason';
}

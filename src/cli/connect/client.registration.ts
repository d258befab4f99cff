import { type AddClientAuthentication, type FetchLike, registerClient, RegistrationRejectedError, selectClientAuthMethod } from '@modelcontextprotocol/client';
import type { Secret } from '@gatehouse-mcp/oauth';
import { CommandError } from '../command.error.js';
import type { SignInPlace } from './discovery.js';

/** How we are known to the authorization server: registered by ourselves, by an operator, or by a document at a URL (CIMD). */
export type ClientChoice =
  | { readonly kind: 'dynamic' }
  | { readonly kind: 'static'; readonly id: string; readonly secret: Secret | undefined }
  | { readonly kind: 'document'; readonly url: string };

/** A client as one server knows it. */
export interface KnownClient {
  readonly id: string;
  readonly secret?: string | undefined;
  /** The one redirect URI of a client that registered itself. */
  readonly redirectUri?: string | undefined;
}

/** Tells one person's clients apart in the cache. */
export const describeClient = (choice: ClientChoice): string => (choice.kind === 'static' ? `static ${choice.id}` : choice.kind === 'document' ? `document ${choice.url}` : 'dynamic');

/** @param kept what registered before at this server @throws CommandError where the server wants another way */
export async function chooseClient(choice: ClientChoice, place: SignInPlace, redirectUri: string, kept: KnownClient | undefined, fetch: FetchLike): Promise<KnownClient> {
  if (choice.kind === 'static') return { id: choice.id, secret: choice.secret?.reveal() };
  const { metadata, issuer } = place;
  if (choice.kind === 'document') {
    if (metadata.client_id_metadata_document_supported !== true) throw new CommandError(`${issuer} takes no client metadata documents: use --client-id`);
    return { id: choice.url };
  }
  if (kept?.redirectUri === redirectUri) return kept;
  if (metadata.registration_endpoint === undefined) throw new CommandError(`${issuer} does not register clients by itself: have one registered with the redirect URI ${redirectUri}, and give its --client-id`);
  return register(place, redirectUri, fetch);
}

async function register({ metadata, issuer, scope }: SignInPlace, redirectUri: string, fetch: FetchLike): Promise<KnownClient> {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['none'];
  const clientMetadata = {
    client_name: 'Gatehouse connect',
    application_type: 'native',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: methods.includes('none') ? 'none' : 'client_secret_basic',
  };
  try {
    const registered = await registerClient(issuer, { metadata, clientMetadata, fetchFn: fetch, ...(scope === undefined ? {} : { scope }) });
    return { id: registered.client_id, secret: registered.client_secret, redirectUri };
  } catch (error) {
    if (error instanceof RegistrationRejectedError) throw new CommandError(`${issuer} refused to register a client (${error.status}): have one registered with the redirect URI ${redirectUri}, and give its --client-id`);
    throw error;
  }
}

/** Client authentication at the token endpoint; the SDK's own leaves out the form-encoding of RFC 6749 §2.3.1. */
export const authenticateClient =
  ({ id, secret }: KnownClient): AddClientAuthentication =>
  (headers, parameters, _url, metadata) => {
    const method = selectClientAuthMethod({ client_id: id, ...(secret === undefined ? {} : { client_secret: secret }) }, metadata?.token_endpoint_auth_methods_supported ?? []);
    if (method === 'client_secret_basic' && secret !== undefined) {
      headers.set('authorization', `Basic ${Buffer.from(`${formEncode(id)}:${formEncode(secret)}`).toString('base64')}`);
      return;
    }
    parameters.set('client_id', id);
    if (method === 'client_secret_post' && secret !== undefined) parameters.set('client_secret', secret);
  };

const formEncode = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);

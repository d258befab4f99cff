import { randomBytes } from 'node:crypto';
import { AuthorizationResponseError, readAuthorizationResponse, type Secret } from '@gatehouse-mcp/oauth';
import { exchangeAuthorization, type FetchLike, OAuthError, type OAuthTokens, startAuthorization } from '@modelcontextprotocol/client';
import type { Environment } from '../../config/environment.js';
import { CommandError } from '../command.error.js';
import { isRemoteTerminal, openBrowser } from './browser.js';
import { type CallbackListener, listenForCallback } from './callback.listener.js';
import { authenticateClient, chooseClient, type ClientChoice, type KnownClient } from './client.registration.js';
import type { SignInPlace } from './discovery.js';

/** What the command line says about signing in. */
export interface SignInOptions {
  readonly client: ClientChoice;
  /** Undefined for any. */
  readonly callbackPort: number | undefined;
  /** Milliseconds that a person has. */
  readonly patience: number;
  /** For servers that take no `resource` (RFC 8707). */
  readonly omitsResource: boolean;
  readonly environment: Environment;
  readonly fetch: FetchLike;
  /** Takes lines for people. */
  readonly report: (line: string) => void;
}

export interface SignedIn {
  readonly client: KnownClient;
  readonly tokens: OAuthTokens;
}

/** The browser did not come back. */
export class UnansweredError extends CommandError {}

/** Authorization code with PKCE, in the user's browser. @param kept the client of an earlier time @throws CommandError that says why not */
export async function signIn(place: SignInPlace, scope: string | undefined, kept: KnownClient | undefined, options: SignInOptions, signal: AbortSignal): Promise<SignedIn> {
  const listener = await listen(options, kept);
  let outcome = 'The sign-in did not work. The program that started it says why.';
  try {
    const signedIn = await walk(place, scope, kept, options, listener, signal);
    outcome = 'You are signed in. This page can be closed.';
    return signedIn;
  } finally {
    await listener.close(outcome);
  }
}

/** The port of the earlier registration where it is free: the client that it made goes on. */
async function listen({ callbackPort, client }: SignInOptions, kept: KnownClient | undefined): Promise<CallbackListener> {
  if (callbackPort !== undefined) return listenForCallback(callbackPort);
  const earlier = client.kind === 'dynamic' && kept?.redirectUri !== undefined ? Number(new URL(kept.redirectUri).port) : 0;
  return listenForCallback(earlier).catch((error: unknown) => {
    if (earlier === 0) throw error;
    return listenForCallback(0);
  });
}

async function walk(place: SignInPlace, scope: string | undefined, kept: KnownClient | undefined, options: SignInOptions, { redirectUri, answer }: CallbackListener, signal: AbortSignal): Promise<SignedIn> {
  const { fetch, patience } = options;
  const { metadata, issuer } = place;
  const target = place.resource === undefined ? {} : { resource: place.resource };
  const client = await chooseClient(options.client, place, redirectUri, kept, fetch);
  const state = randomBytes(32).toString('base64url');
  const clientInformation = { client_id: client.id };
  const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, { metadata, clientInformation, redirectUrl: redirectUri, state, ...target, ...(scope === undefined ? {} : { scope }) });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const answered = answer(state, limit);
  // Awaited below; without a listener an abort before that would end the process.
  answered.catch(() => undefined);
  await invite(authorizationUrl, redirectUri, options);
  const parameters = await answered.catch(() => {
    if (signal.aborted) throw new CommandError('the sign-in was given up: the host has gone');
    throw new UnansweredError(`nobody signed in within ${Math.round(patience / 1_000)} s. If the page complained about the redirect URI, the client must have ${redirectUri}: see --callback-port`);
  });
  const code = readCode(parameters, place);
  try {
    const tokens = await exchangeAuthorization(issuer, {
      metadata,
      clientInformation,
      authorizationCode: code.reveal(),
      codeVerifier,
      redirectUri,
      ...target,
      addClientAuthentication: authenticateClient(client),
      fetchFn: fetch,
      ...(parameters.has('iss') ? { iss: parameters.get('iss') ?? '' } : {}),
    });
    return { client, tokens };
  } catch (error) {
    throw toTokenFailure(issuer, error);
  }
}

function readCode(parameters: URLSearchParams, { issuer, metadata }: SignInPlace): Secret {
  try {
    return readAuthorizationResponse(parameters, { issuer, isRequired: metadata.authorization_response_iss_parameter_supported === true });
  } catch (error) {
    if (!(error instanceof AuthorizationResponseError)) throw error;
    throw new CommandError(error.error === 'wrong_issuer' ? `the sign-in was refused: ${error.message}` : `${issuer} refused the sign-in: ${error.message}`);
  }
}

/** What a token endpoint's failure is for whoever reads it; an answer of another shape than tokens is told without what it holds. */
export function toTokenFailure(issuer: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError(`${issuer} gave no token: ${error instanceof OAuthError ? describeOAuth(error) : 'its answer is not that of a token endpoint'}`);
}

/** The server's own code, and its words without what could break a line. */
const describeOAuth = ({ code, message }: OAuthError): string => `${code}${message === '' || message === code ? '' : `: ${message}`}`.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 300);

/** Opens the browser, and says on stderr what to do where that is not enough. */
async function invite(url: URL, redirectUri: string, { environment, report }: SignInOptions): Promise<void> {
  const isOpen = await openBrowser(url, environment);
  report(isOpen ? 'Sign in with the browser that opens. If none does, open this address yourself:' : 'No browser could be opened. To sign in, open this address:');
  report(url.href);
  if (isOpen && !isRemoteTerminal(process.platform, environment)) return;
  const { port } = new URL(redirectUri);
  report(`On a machine that you reach by SSH, first bring its port to where your browser is: ssh -L ${port}:127.0.0.1:${port} HOST. With --callback-port the port stays the same.`);
}

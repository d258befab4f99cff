import { hash, randomUUID } from 'node:crypto';
import { answerJson, readBasic, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import type { TokenClaims } from './signing-key.js';

/** A client of the authorization endpoint. */
export interface CodeClient {
  readonly id: string;
  /** Undefined for a public client. */
  readonly secret?: string;
  readonly redirectUris: readonly string[];
}

/** What somebody signed in for: kept with a code until it is used. */
export interface Authorization {
  readonly person: TokenClaims;
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly nonce: string | undefined;
}

interface Issued extends Authorization {
  readonly redirectUri: string;
  readonly challenge: string;
}

/**
 * The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636) without login pages: whoever comes is `person`, at once.
 * Codes are good once.
 */
export class CodeFlow {
  readonly clients = new Map<string, CodeClient>();
  /** Claims of whoever is signed in at the provider; undefined says no to every request. */
  person: TokenClaims | undefined;
  readonly #codes = new Map<string, Issued>();

  constructor(private readonly issuer: () => string) {}

  /** The browser's request: back to the client with a code, or with an error. An unknown client or redirect URI goes nowhere. */
  authorize({ query }: ProviderRequest): FixedAnswer {
    const client = this.clients.get(query.get('client_id') ?? '');
    const redirectUri = query.get('redirect_uri') ?? '';
    if (!client?.redirectUris.includes(redirectUri)) return answerJson(400, { error: 'invalid_request', error_description: 'unknown client or redirect_uri' });
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries({ state: query.get('state') ?? '', iss: this.issuer(), ...this.#decide(client, redirectUri, query) })) back.searchParams.set(name, value);
    return { status: 302, body: '', headers: { location: back.href } };
  }

  #decide(client: CodeClient, redirectUri: string, query: URLSearchParams): Readonly<Record<string, string>> {
    const challenge = query.get('code_challenge');
    if (query.get('response_type') !== 'code' || challenge === null || query.get('code_challenge_method') !== 'S256') return { error: 'invalid_request' };
    if (!this.person) return { error: 'access_denied', error_description: 'the user said no' };
    const code = randomUUID();
    const { person } = this;
    this.#codes.set(code, { person, clientId: client.id, redirectUri, challenge, scope: query.get('scope') ?? '', resource: query.get('resource') ?? undefined, nonce: query.get('nonce') ?? undefined });
    return { code };
  }

  /** @returns what a code stands for, or the token endpoint's refusal */
  redeem(request: ProviderRequest): Authorization | FixedAnswer {
    const form = readForm(request);
    const basic = readBasic(request);
    const client = this.clients.get(decode(basic?.user) ?? form.get('client_id') ?? '');
    if (!client || client.secret !== (decode(basic?.password) ?? form.get('client_secret') ?? undefined)) return answerJson(401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    const proves = issued?.challenge === hash('sha256', form.get('code_verifier') ?? '', 'base64url');
    if (!issued || !proves || issued.clientId !== client.id || issued.redirectUri !== form.get('redirect_uri')) return answerJson(400, { error: 'invalid_grant' });
    return issued;
  }
}

/** RFC 6749 §2.3.1: both halves of Basic are form-encoded first. */
const decode = (text: string | undefined): string | undefined => (text === undefined ? undefined : decodeURIComponent(text.replaceAll('+', ' ')));

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

/** A refusal or another fixed answer of an endpoint. */
export interface FixedAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request at the token endpoint: its form, and who the client said it was. */
export interface TokenRequest {
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
}

interface MintOptions {
  readonly algorithm?: string;
  readonly kid?: string;
  readonly header?: Readonly<Record<string, unknown>>;
}

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/**
 * A small OpenID provider on 127.0.0.1: metadata, keys, and a token endpoint that does RFC 8693 (it grants what is asked
 * for, in a token of the asked audience). It counts, and can be told to be down or to refuse.
 */
export class FakeIssuer {
  /** Requests by path. */
  readonly fetches = new Map<string, number>();
  readonly tokenRequests: TokenRequest[] = [];
  /** What the JWKS endpoint publishes; tests add to it and take from it. */
  readonly jwks: { keys: JWK[] } = { keys: [] };
  /** Answers for a path instead of the right ones. */
  readonly fixed = new Map<string, FixedAnswer>();
  /** Scopes of exchanged tokens, where they are not to be those asked for. */
  grantedScope: string | undefined;
  readonly #server: Server;
  readonly #key: SigningKey;

  private constructor(key: SigningKey) {
    this.#key = key;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<FakeIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const issuer = new FakeIssuer(privateKey);
    issuer.jwks.keys.push({ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' });
    await new Promise<void>((resolve) => {
      issuer.#server.listen(0, '127.0.0.1', resolve);
    });
    return issuer;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The fake issuer is not listening.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** `host:port`, for an egress allow list. */
  get host(): string {
    return new URL(this.url).host;
  }

  /** A signed token: `iss`, `iat` and an `exp` in five minutes unless the claims say otherwise; undefined takes one away. */
  async mint(claims: Readonly<Record<string, unknown>>, { algorithm = 'RS256', kid = 'key-1', header = {} }: MintOptions = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const payload: JWTPayload = { iss: this.url, iat: now, exp: now + 300, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt', ...header }).sign(this.#key);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.fetches.set(path, (this.fetches.get(path) ?? 0) + 1);
    const { status, body, headers = { 'content-type': 'application/json' } } = this.fixed.get(path) ?? (await this.#answer(path, request));
    response.writeHead(status, headers).end(body);
  }

  async #answer(path: string, request: IncomingMessage): Promise<FixedAnswer> {
    if (path === '/.well-known/openid-configuration') {
      return json(200, { issuer: this.url, jwks_uri: `${this.url}/jwks`, token_endpoint: `${this.url}/token` });
    }
    if (path === '/jwks') return json(200, this.jwks);
    if (path === '/token' && request.method === 'POST') return this.#exchange(request);
    return json(404, { error: 'not_found' });
  }

  async #exchange(request: IncomingMessage): Promise<FixedAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const parameters = new URLSearchParams(Buffer.concat(chunks).toString());
    this.tokenRequests.push({ parameters, authorization: request.headers.authorization });
    const subject = decodeJwt(parameters.get('subject_token') ?? '');
    const scope = this.grantedScope ?? parameters.get('scope') ?? '';
    const accessToken = await this.mint({ sub: subject.sub, tenant: subject['tenant'], aud: parameters.get('audience'), scope, act: { sub: 'gatehouse' } });
    return json(200, {
      access_token: accessToken,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 300,
      scope,
    });
  }
}

function json(status: number, body: unknown): FixedAnswer {
  return { status, body: JSON.stringify(body) };
}

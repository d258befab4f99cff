import { KeycloakAdmin } from './keycloak.admin.js';
import { startKeycloak, stopKeycloak } from './server.mjs';

export type KeycloakUser = 'alice' | 'bob' | 'carol';

export const userIds: Readonly<Record<KeycloakUser, string>> = {
  alice: 'a11ce000-0000-4000-8000-000000000001',
  bob: 'b0b00000-0000-4000-8000-000000000002',
  carol: 'ca401000-0000-4000-8000-000000000003',
};

export const passwordOf = (user: string): string => `${user}-password`;

export interface Grant {
  readonly user?: KeycloakUser;
  readonly client?: string;
  readonly scope?: string;
}

export interface KeycloakTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
}

/** The real Keycloak of this run, realm acme (README.md here lists its users and clients). */
export class Keycloak {
  readonly issuer: string;
  readonly admin: KeycloakAdmin;
  /** The URL of the gateway under test: the audience that `mcp-client`'s tokens carry. */
  readonly mcpUrl: string;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    const { KEYCLOAK_PORT: port, GATEHOUSE_MCP_URL: mcpUrl } = environment;
    if (port === undefined || mcpUrl === undefined) throw new Error('no Keycloak was started: run npm run test:keycloak');
    const base = `http://127.0.0.1:${port}`;
    this.issuer = `${base}/realms/acme`;
    this.admin = new KeycloakAdmin(base);
    this.mcpUrl = mcpUrl;
  }

  /** Keycloak's own URL. */
  get base(): string {
    return new URL(this.issuer).origin;
  }

  /** `host:port`, for an egress allow list. */
  get host(): string {
    return new URL(this.issuer).host;
  }

  /** Starts it again from the same state as the first time: the same keys, no sessions. */
  async start(): Promise<void> {
    await startKeycloak();
  }

  async stop(): Promise<void> {
    await stopKeycloak();
  }

  /** The password grant, which the realm allows for tests. */
  async grant({ user = 'alice', client = 'mcp-client', scope = 'openid orders:read' }: Grant = {}): Promise<KeycloakTokens> {
    const response = await fetch(`${this.issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: client, username: user, password: passwordOf(user), scope }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`Keycloak answered ${response.status}: ${text}`);
    return JSON.parse(text) as KeycloakTokens;
  }

  async accessToken(grant: Grant = {}): Promise<string> {
    return (await this.grant(grant)).access_token;
  }

  /** What Keycloak itself gives to the client `gatehouse` for a token, without a gateway between; its `scope`, or its error. */
  async exchange(subjectToken: string, audience: string, scope: string): Promise<{ readonly scope?: string; readonly error_description?: string }> {
    const type = 'urn:ietf:params:oauth:token-type:access_token';
    const response = await fetch(`${this.issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('gatehouse:gatehouse-secret').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: subjectToken, subject_token_type: type, requested_token_type: type, audience, scope }),
    });
    return (await response.json()) as { scope?: string; error_description?: string };
  }

  /** The published keys as they are. */
  async keys(): Promise<readonly PublishedKey[]> {
    const response = await fetch(`${this.issuer}/protocol/openid-connect/certs`);
    return ((await response.json()) as { keys: PublishedKey[] }).keys;
  }
}

export interface PublishedKey {
  readonly kty: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
  readonly n: string;
  readonly e: string;
  readonly x5c: readonly string[];
}

import { randomUUID } from 'node:crypto';
import { answerJson, ProviderServer, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, SigningKey, type TokenClaims } from './signing-key.js';

/**
 * An Okta org on 127.0.0.1 with one custom authorization server. `sub` is the login, which changes; `uid` is the user.
 * Scopes are an array, and the org's own server signs access tokens with a key that it does not publish.
 */
export class FakeOkta extends ProviderServer {
  private constructor(
    /** The custom authorization server's id. */
    readonly serverId: string,
    private readonly key: SigningKey,
    private readonly orgKey: SigningKey,
    private readonly hiddenKey: SigningKey,
  ) {
    super();
  }

  static async start(serverId = 'default'): Promise<FakeOkta> {
    const [key, orgKey, hiddenKey] = await Promise.all(['custom-server-key', 'org-id-token-key', 'org-access-token-key'].map((kid) => SigningKey.generate(kid)));
    if (!key || !orgKey || !hiddenKey) throw new Error('no keys');
    const okta = new FakeOkta(serverId, key, orgKey, hiddenKey);
    await okta.listen();
    return okta;
  }

  /** The custom authorization server's; the org's own issuer is {@link url}. */
  get issuer(): string {
    return `${this.url}/oauth2/${this.serverId}`;
  }

  /** A user's access token of the custom server. */
  mintUserToken(claims: TokenClaims = {}): Promise<string> {
    return this.#mint({ uid: '00u1alice0000000001', sub: 'alice@acme.example', scp: ['openid', 'orders.read'], groups: ['Everyone', 'Sales'], auth_time: secondsFromNow(-60), ...claims });
  }

  /** A service's token: its subject is the client, and it has no `uid`. */
  mintMachineToken(clientId: string, claims: TokenClaims = {}): Promise<string> {
    return this.#mint({ cid: clientId, sub: clientId, scp: ['orders.read'], ...claims });
  }

  /** An access token of the org's server: for Okta's own APIs, its signature for nobody else to check. */
  mintOrgToken(claims: TokenClaims = {}): Promise<string> {
    return this.hiddenKey.sign({ ...this.#times(), iss: this.url, aud: this.url, cid: CLIENT, uid: '00u1alice0000000001', sub: 'alice@acme.example', scp: ['openid', 'okta.users.read.self'], ...claims });
  }

  protected override answer({ path }: ProviderRequest): FixedAnswer {
    const server = `/oauth2/${this.serverId}`;
    switch (path) {
      case `${server}/.well-known/openid-configuration`:
      case `${server}/.well-known/oauth-authorization-server`:
        return answerJson(200, describeServer(this.issuer, `${this.issuer}/v1`));
      case `${server}/v1/keys`:
        return answerJson(200, { keys: [this.key.jwk] });
      case '/.well-known/openid-configuration':
      case '/.well-known/oauth-authorization-server':
        return answerJson(200, describeServer(this.url, `${this.url}/oauth2/v1`));
      case '/oauth2/v1/keys':
        return answerJson(200, { keys: [this.orgKey.jwk] });
      default:
        return answerJson(404, { errorCode: 'E0000007', errorSummary: `Not found: Resource not found: ${path}`, errorCauses: [] });
    }
  }

  #mint(claims: TokenClaims): Promise<string> {
    return this.key.sign({ ...this.#times(), iss: this.issuer, aud: 'api://default', cid: CLIENT, ...claims });
  }

  #times(): TokenClaims {
    return { ver: 1, jti: `AT.${randomUUID()}`, iat: secondsFromNow(0), exp: secondsFromNow(3_600) };
  }
}

const CLIENT = '0oa1client000000001';

const describeServer = (issuer: string, endpoints: string) => ({
  issuer,
  jwks_uri: `${endpoints}/keys`,
  token_endpoint: `${endpoints}/token`,
  authorization_endpoint: `${endpoints}/authorize`,
  introspection_endpoint: `${endpoints}/introspect`,
});

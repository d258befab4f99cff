import { randomUUID } from 'node:crypto';
import { EntraKey } from './entra-key.js';
import { FakeGraph } from './fake-graph.js';
import { answerJson, ProviderServer, readBasic, readBearer, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, type TokenClaims } from './signing-key.js';

/** What a token is for: its version decides the issuer and the names of half its claims. */
export interface EntraToken {
  readonly tenant: string;
  /** The resource app's `accessTokenAcceptedVersion`. */
  readonly version: 1 | 2;
  /** Replaces or, with undefined, takes away a default. */
  readonly claims?: TokenClaims;
}

/** A tenant that is none of an organisation: Microsoft's own, for personal accounts. */
export const PERSONAL_ACCOUNTS_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

const PLACEHOLDER = '{tenantid}';

/**
 * Microsoft Entra ID on 127.0.0.1, for every tenant id at once, with Microsoft Graph at the same address. Its keys have no
 * `alg`, a v2 token's issuer is `{url}/{tid}/v2.0` and a v1 token's `{url}/sts/{tid}/` (sts.windows.net's shape), and the
 * metadata of `common` and `organizations` names an issuer that no token has.
 */
export class FakeEntra extends ProviderServer {
  readonly graph = new FakeGraph();
  /** Secrets of the apps that may ask for a token of their own, by client id. */
  readonly apps = new Map<string, string>();
  /** The resource app whose access tokens are minted here. */
  readonly appId = randomUUID();
  readonly #graphTokens = new Map<string, string>();

  private constructor(
    private readonly key: EntraKey,
    private readonly personalKey: EntraKey,
  ) {
    super();
  }

  static async start(): Promise<FakeEntra> {
    const entra = new FakeEntra(await EntraKey.generate(), await EntraKey.generate());
    await entra.listen();
    return entra;
  }

  issuerOf(tenant: string, version: 1 | 2): string {
    return version === 1 ? `${this.url}/sts/${tenant}/` : `${this.url}/${tenant}/v2.0`;
  }

  /** A delegated token: a user through a client. `sub` is the user's for this one app only; `oid` is the user. */
  mintUserToken({ tenant, version, claims = {} }: EntraToken): Promise<string> {
    const user = { oid: 'a11ce000-0000-4000-8000-00000000e17a', sub: 'pairwise-AbCdEf', name: 'Alice Archer', scp: 'Orders.Read access_as_user' };
    const name = 'alice@acme.example';
    const own = version === 1 ? { upn: name, unique_name: name, acr: '1', amr: ['pwd', 'mfa'], ipaddr: '192.0.2.7' } : { preferred_username: name };
    return this.#mint(tenant, version, '0', { ...user, ...own, ...claims });
  }

  /** A token that an app has for itself: no `scp`, permissions in `roles`, and `sub` the same as `oid`. */
  mintAppToken({ tenant, version, claims = {} }: EntraToken): Promise<string> {
    const oid = 'a9900000-0000-4000-8000-00000000e17a';
    return this.#mint(tenant, version, '1', { oid, sub: oid, idtyp: 'app', roles: ['Orders.Read.All'], ...claims });
  }

  /** Claims of a user in too many groups (over 200). The endpoint is one of the retired Azure AD Graph: nobody should call it. */
  groupOverage(tenant: string, user: string): TokenClaims {
    const endpoint = `${this.url}/retired-graph/${tenant}/users/${user}/getMemberObjects`;
    return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
  }

  protected override answer(request: ProviderRequest): FixedAnswer | Promise<FixedAnswer> {
    const { path, method } = request;
    if (path.startsWith('/v1.0/')) return this.graph.answer(request, this.#graphTokens.get(readBearer(request) ?? ''), this.url);
    const [, tenant = '', rest = ''] = /^\/(?:sts\/)?([^/]+)\/(.+)$/.exec(path) ?? [];
    if (rest === 'v2.0/.well-known/openid-configuration') return answerJson(200, this.#describe(tenant, 2));
    if (rest === '.well-known/openid-configuration') return answerJson(200, this.#describe(tenant, 1));
    if (rest === 'discovery/v2.0/keys') return answerJson(200, this.#keysOf(tenant));
    if (rest === 'discovery/keys') return answerJson(200, { keys: [this.key.jwk(), this.personalKey.jwk()] });
    if (rest === 'oauth2/v2.0/token' && method === 'POST') return this.#grant(request, tenant);
    return answerJson(404, { error: 'not_found' });
  }

  #describe(tenant: string, version: 1 | 2): object {
    const isShared = tenant === 'common' || tenant === 'organizations';
    const infix = version === 1 ? '' : 'v2.0/';
    return {
      issuer: this.issuerOf(isShared ? PLACEHOLDER : tenant, version),
      jwks_uri: `${this.url}/${tenant}/discovery/${infix}keys`,
      token_endpoint: `${this.url}/${tenant}/oauth2/${infix}token`,
      authorization_endpoint: `${this.url}/${tenant}/oauth2/${infix}authorize`,
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  /** Shared key sets bind a key to all tenants or to one; a tenant's own set names it. */
  #keysOf(tenant: string): object {
    const isShared = tenant === 'common' || tenant === 'organizations';
    const key = this.key.jwk(this.issuerOf(isShared ? PLACEHOLDER : tenant, 2));
    return { keys: tenant === 'common' ? [key, this.personalKey.jwk(this.issuerOf(PERSONAL_ACCOUNTS_TENANT, 2))] : [key] };
  }

  #mint(tenant: string, version: 1 | 2, strength: '0' | '1', claims: TokenClaims): Promise<string> {
    const client = { v1: { appid: CLIENT, appidacr: strength }, v2: { azp: CLIENT, azpacr: strength } };
    const common = { iss: this.issuerOf(tenant, version), iat: secondsFromNow(0), nbf: secondsFromNow(0), exp: secondsFromNow(3_900), tid: tenant, aio: 'opaque', rh: 'opaque', uti: randomUUID() };
    const own = version === 1 ? { aud: `api://${this.appId}`, ...client.v1, ver: '1.0' } : { aud: this.appId, ...client.v2, ver: '2.0' };
    const key = tenant === PERSONAL_ACCOUNTS_TENANT ? this.personalKey : this.key;
    return key.sign({ ...common, ...own, ...claims }, version);
  }

  /** The client-credentials grant, for Graph. What comes back is for Graph to read: to the app it is opaque. */
  #grant(request: ProviderRequest, tenant: string): FixedAnswer {
    const form = readForm(request);
    const basic = readBasic(request);
    const clientId = basic?.user ?? form.get('client_id') ?? '';
    const secret = this.apps.get(clientId);
    if (secret === undefined) return refuse(400, 'unauthorized_client', 700016, `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`);
    if ((basic?.password ?? form.get('client_secret')) !== secret) return refuse(401, 'invalid_client', 7_000_215, 'Invalid client secret provided.');
    if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70_003, 'The app requested an unsupported grant type.');
    if (!form.get('scope')?.endsWith('/.default')) return refuse(400, 'invalid_scope', 1_002_012, 'The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed.');
    const accessToken = `graph.${randomUUID()}`;
    this.#graphTokens.set(accessToken, tenant);
    return answerJson(200, { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: accessToken });
  }
}

const CLIENT = 'c11e0000-0000-4000-8000-00000000e17a';

function refuse(status: number, error: string, code: number, text: string): FixedAnswer {
  return answerJson(status, { error, error_description: `AADSTS${code}: ${text}`, error_codes: [code], timestamp: '2026-01-01 00:00:00Z', trace_id: randomUUID(), correlation_id: randomUUID() });
}

import { randomUUID } from 'node:crypto';
import { EntraKey } from './entra-key.js';
import { EntraOnBehalfOf } from './entra-on-behalf-of.js';
import { refuse } from './entra-refusal.js';
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
  /** What the on-behalf-of flow knows and refuses. */
  readonly onBehalfOf = new EntraOnBehalfOf();
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

  /** The on-behalf-of flow, and the client-credentials grant for Graph, whose tokens are for Graph to read: to the app they are opaque. */
  async #grant(request: ProviderRequest, tenant: string): Promise<FixedAnswer> {
    const form = readForm(request);
    const basic = readBasic(request);
    const clientId = basic?.user ?? form.get('client_id') ?? '';
    const secret = this.apps.get(clientId);
    const endpoint = `${this.url}/${tenant}/oauth2/v2.0/token`;
    if (secret === undefined && !this.onBehalfOf.knows(clientId)) return refuse(400, 'unauthorized_client', 700016, `Application with identifier '${clientId}' was not found in the directory '${tenant}'.`);
    const isProven = form.has('client_assertion') ? await this.onBehalfOf.proves(clientId, form.get('client_assertion') ?? '', endpoint) : (basic?.password ?? form.get('client_secret')) === secret;
    if (!isProven) return refuse(401, 'invalid_client', 7_000_215, 'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.');
    if (form.get('requested_token_use') === 'on_behalf_of') return this.#actFor(form, tenant, clientId);
    if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70_003, 'The app requested an unsupported grant type.');
    if (!form.get('scope')?.endsWith('/.default')) return refuse(400, 'invalid_scope', 1_002_012, 'The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed.');
    const accessToken = `graph.${randomUUID()}`;
    this.#graphTokens.set(accessToken, tenant);
    return answerJson(200, { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: accessToken });
  }

  async #actFor(form: URLSearchParams, tenant: string, clientId: string): Promise<FixedAnswer> {
    const judged = this.onBehalfOf.judge(form, clientId);
    if ('status' in judged) return judged;
    const { user, resource, scopes } = judged;
    const accessToken = await this.#mint(tenant, 2, '1', { aud: resource, azp: clientId, oid: user['oid'], sub: 'pairwise-of-the-api', name: user['name'], scp: scopes.join(' ') });
    const scope = scopes.map((name) => `${resource}/${name}`).join(' ');
    return answerJson(200, { token_type: 'Bearer', scope, expires_in: 3_599, ext_expires_in: 3_599, access_token: accessToken });
  }
}

const CLIENT = 'c11e0000-0000-4000-8000-00000000e17a';

import { AuthorizationResponseError, authorizationUrl, createPkce, readAuthorizationResponse, Secret, TokenGrantError, type GrantedToken } from '@gatehouse-mcp/oauth';
import { Injectable } from '@nestjs/common';
import { issuedBy } from '../../config/connection-habits.js';
import type { ConnectionOf, ConnectionSettings } from '../../config/connection.schema.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { Authorizations } from './authorizations.js';
import { openAccount, sealAccount, sealSecret } from './connection.content.js';
import { ConnectionServers, type ConnectionServer } from './connection.servers.js';
import { ConnectionStore, type ConnectionKey } from './connection.store.js';
import { DataKeys } from './data-keys.js';
import { assertSendable, type TypedSecret } from './typed-secret.js';
import type { Visitor } from './visitor.js';

const NOT_FOUND = { code: 'not_found', status: 404 };
const INVALID_STATE = { code: 'invalid_state', status: 400 };
const REFUSED = { code: 'connection_refused', status: 400 };
const UNAVAILABLE = { code: 'connection_unavailable', status: 503 };

/** One connection as its user sees it. */
export interface ConnectionView {
  readonly name: string;
  readonly title: string;
  /** `oauth`: an account at an authorization server. `secret`: a key or password that the user types in. */
  readonly type: 'oauth' | 'secret';
  readonly kind: 'key' | 'password' | undefined;
  readonly help: string | undefined;
  /** Names of the APIs that use it. */
  readonly apis: readonly string[];
  /** `lost`: it was connected, and its server or the API does not take it any more. */
  readonly state: 'none' | 'connected' | 'lost';
  /** Granted scopes; null where the server does not say. */
  readonly scopes: readonly string[] | null;
  readonly connectedAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

/** What users connected: their list, and each way to change it. Everything is in the visitor's own tenant and about the visitor. */
@Injectable()
export class Connections {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly store: ConnectionStore,
    private readonly keys: DataKeys,
    private readonly servers: ConnectionServers,
    private readonly authorizations: Authorizations,
  ) {}

  /** Every connection that the visitor's tenant offers, in the order of the configuration. */
  async list({ tenant, caller }: Visitor): Promise<readonly ConnectionView[]> {
    const { connections, apis } = this.live.current.settings;
    const rows = await this.store.listOf(tenant, caller);
    return connections
      .filter((connection) => connection.tenant === tenant.name)
      .map((connection) => {
        const { name, title, type } = connection;
        const row = rows.find((candidate) => candidate.name === name);
        const users = apis.filter((api) => api.tenant === tenant.name && api.credentials.some((link) => 'connection' in link && link.connection === name));
        return {
          name,
          title: title ?? name,
          type,
          kind: connection.type === 'secret' ? connection.kind : undefined,
          help: connection.type === 'secret' ? connection.help : undefined,
          apis: users.map((api) => api.name),
          state: row === undefined ? 'none' : row.issuedBy === issuedBy(connection) ? row.state : 'lost',
          scopes: row?.scopes ?? null,
          connectedAt: row?.connectedAt,
          lastUsedAt: row?.lastUsedAt ?? undefined,
        };
      });
  }

  /**
   * Begins an authorization: where to send the browser.
   * @param session a text that only this browser's session has; the answer must come back to it
   * @param publicUrl the one that the browser used; the server sends it back to `PUBLIC_URL/connections/callback/NAME`
   * @throws GatewayError `not_found` 404 for a name that is no oauth connection, `connection_unavailable` 503 when the server's metadata cannot be read
   */
  async begin(visitor: Visitor, name: string, session: string, publicUrl: string): Promise<URL> {
    const connection = this.#find(visitor, name, 'oauth');
    const { authorizationEndpoint, clientId, parameters } = await this.servers.of(connection);
    const { verifier, challenge } = createPkce();
    // Each server has an address of its own to come back to: an answer of one cannot end what was begun at another (RFC 9700 §4.4.2.2).
    const redirectUri = `${publicUrl}/connections/callback/${name}`;
    const state = await this.authorizations.begin(visitor.tenant, { ...keyOf(visitor, name), verifier, redirectUri, session });
    return authorizationUrl({ authorizationEndpoint, clientId, redirectUri, state, challenge, scopes: connection.scopes, more: parameters });
  }

  /**
   * Ends an authorization with what the server sent the browser back with (`state`, `code`, `error`, `iss`). A state is good once.
   * @param name of the connection to whose address the browser came back
   * @throws GatewayError `invalid_state` 400 (unknown, used, expired, of another session, another user or another connection),
   *   `connection_refused` 400 (the user or the server said no), `connection_unavailable` 503
   */
  async complete(visitor: Visitor, name: string, session: string, answer: URLSearchParams): Promise<void> {
    const { tenant, caller } = visitor;
    const begun = await this.authorizations.end(tenant, answer.get('state') ?? '', caller, session);
    if (begun?.name !== name) throw new GatewayError(INVALID_STATE, 'this answer belongs to no connection that you began here in the last ten minutes; start again');
    const connection = this.#find(visitor, name, 'oauth');
    const server = await this.servers.of(connection);
    const token = await this.#redeem(connection, server, answer, begun);
    const scopes = server.scopeReported ? token.scopes : null;
    const key = keyOf(visitor, name);
    await this.store.save(tenant, key, issuedBy(connection), await sealAccount(this.keys, tenant, key, token, scopes));
  }

  /** @throws GatewayError `not_found` 404 for a name that is no secret connection, `invalid_secret` 400 for a text that cannot be sent */
  async saveSecret(visitor: Visitor, name: string, typed: TypedSecret): Promise<void> {
    const connection = this.#find(visitor, name, 'secret');
    const { kind } = connection;
    const { apis } = this.live.current.settings;
    const places = apis.filter(({ tenant }) => tenant === visitor.tenant.name).flatMap(({ credentials }) => credentials.flatMap((link) => (link.type === 'user-secret' && link.connection === name ? [link.in] : [])));
    assertSendable(typed, kind, places);
    const key = keyOf(visitor, name);
    const kept = { username: kind === 'password' ? typed.username : undefined, secret: new Secret(typed.secret) };
    await this.store.save(visitor.tenant, key, issuedBy(connection), await sealSecret(this.keys, visitor.tenant, key, kept));
  }

  /**
   * Forgets what is kept and ends it at its server where that has a revocation endpoint.
   * @returns whether the server confirmed it; undefined where there is nothing to ask
   */
  async disconnect({ tenant, caller }: Pick<Visitor, 'tenant'> & { readonly caller: Omit<ConnectionKey, 'name'> }, name: string): Promise<boolean | undefined> {
    const key = { name, issuer: caller.issuer, subject: caller.subject };
    const row = await this.store.remove(tenant, key);
    const connection = this.live.current.settings.connections.find((one) => one.name === name && one.tenant === tenant.name);
    if (!row || connection?.type !== 'oauth') return undefined;
    // The server that could end it is not the one of this name any more.
    if (row.issuedBy !== issuedBy(connection)) return false;
    try {
      return await this.servers.revoke(await this.servers.of(connection), await openAccount(this.keys, tenant, key, row));
    } catch {
      // It is forgotten here in any case.
      return false;
    }
  }

  async #redeem(connection: ConnectionOf<'oauth'>, server: ConnectionServer, answer: URLSearchParams, { verifier, redirectUri }: { readonly verifier: Secret; readonly redirectUri: string }): Promise<GrantedToken> {
    const title = connection.title ?? connection.name;
    try {
      const code = readAuthorizationResponse(answer, { issuer: server.knownIssuer, isRequired: server.identifiesItself });
      return await this.servers.redeem(server, { code, verifier, redirectUri, scopes: connection.scopes });
    } catch (error) {
      if (error instanceof AuthorizationResponseError) throw new GatewayError(REFUSED, error.error === 'access_denied' ? `"${title}" was not connected: access was denied` : `"${title}" was not connected: ${error.message}`, { cause: error });
      if (!(error instanceof TokenGrantError)) throw error;
      throw new GatewayError(error.error === 'unreachable' ? UNAVAILABLE : REFUSED, `"${title}" was not connected: ${error.message}`, { cause: error });
    }
  }

  #find<T extends ConnectionSettings['type']>({ tenant }: Visitor, name: string, type: T): ConnectionOf<T> {
    const found = this.live.current.settings.connections.find((connection): connection is ConnectionOf<T> => connection.name === name && connection.tenant === tenant.name && connection.type === type);
    if (!found) throw new GatewayError(NOT_FOUND, `there is no such connection`);
    return found;
  }
}

const keyOf = ({ caller: { issuer, subject } }: Visitor, name: string): ConnectionKey => ({ name, issuer, subject });

import { grantAuthorizationCode, refreshTokens, revokeToken, type AuthorizationCodeRequest, type ClientAtServer, type ClientAuthentication, type GrantedToken, type IssuerFetch, type IssuerMetadata, type RefreshRequest } from '@gatehouse-mcp/oauth';
import { Injectable } from '@nestjs/common';
import { habitsOf } from '../../config/connection-habits.js';
import type { ConnectionOf } from '../../config/connection.schema.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { readProof } from '../../token-exchange/client-proof.js';
import { TokenEndpoints } from '../../token-exchange/token.endpoints.js';
import type { AccountTokens } from './connection.content.js';

const UNAVAILABLE = { code: 'connection_unavailable', status: 503 };

/** The authorization server of a connection, and Gatehouse as its client. */
export interface ConnectionServer extends ClientAtServer {
  /** The tenant whose egress rules hold for it. */
  readonly tenant: string;
  readonly authorizationEndpoint: string;
  readonly revocationEndpoint: string | undefined;
  /** Undefined where nobody says who it is: its answers cannot be compared then (RFC 9207). */
  readonly knownIssuer: string | undefined;
  readonly identifiesItself: boolean;
  readonly rotates: boolean;
  readonly scopeReported: boolean;
  /** Of the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The servers of connections: what is configured, then what the preset knows, then what the metadata says; and what is asked of them. */
@Injectable()
export class ConnectionServers {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly endpoints: TokenEndpoints,
  ) {}

  /** @throws GatewayError `connection_unavailable` when the metadata cannot be read or names too little */
  async of(connection: ConnectionOf<'oauth'>): Promise<ConnectionServer> {
    const known = habitsOf(connection);
    const issuer = connection.issuer ?? known.issuer;
    const isComplete = connection.authorizationEndpoint !== undefined && connection.tokenEndpoint !== undefined;
    const metadata = issuer === undefined || isComplete ? undefined : await this.#metadataOf(issuer, connection);
    const authorizationEndpoint = connection.authorizationEndpoint ?? metadata?.authorizationEndpoint ?? known.authorizationEndpoint;
    const tokenEndpoint = connection.tokenEndpoint ?? metadata?.tokenEndpoint ?? known.tokenEndpoint;
    if (authorizationEndpoint === undefined || tokenEndpoint === undefined) throw new GatewayError(UNAVAILABLE, `${describe(connection)}: its metadata names no authorization or token endpoint`);
    return {
      tenant: connection.tenant,
      issuer: issuer ?? new URL(tokenEndpoint).origin,
      knownIssuer: issuer,
      authorizationEndpoint,
      tokenEndpoint,
      revocationEndpoint: connection.revocationEndpoint ?? metadata?.revocationEndpoint,
      identifiesItself: metadata?.identifiesItself ?? false,
      clientId: connection.clientId,
      authentication: this.#proofOf(connection),
      rotates: connection.rotates ?? known.rotates,
      scopeReported: connection.scopeReported ?? known.scopeReported,
      parameters: { ...known.parameters, ...connection.parameters },
    };
  }

  /** @throws TokenGrantError */
  redeem(server: ConnectionServer, request: Omit<AuthorizationCodeRequest, keyof ClientAtServer>): Promise<GrantedToken> {
    return grantAuthorizationCode({ ...server, ...request }, this.#fetchOf(server, server.tokenEndpoint));
  }

  /** @throws TokenGrantError */
  refresh(server: ConnectionServer, request: Omit<RefreshRequest, keyof ClientAtServer>): Promise<GrantedToken> {
    return refreshTokens({ ...server, ...request }, this.#fetchOf(server, server.tokenEndpoint));
  }

  /** @returns whether the server confirmed it; undefined where it has no revocation endpoint */
  async revoke(server: ConnectionServer, { accessToken, refreshToken }: AccountTokens): Promise<boolean | undefined> {
    const { revocationEndpoint } = server;
    if (revocationEndpoint === undefined) return undefined;
    const fetch = this.#fetchOf(server, revocationEndpoint);
    const tokens = refreshToken ? ([[refreshToken, 'refresh_token'], [accessToken, 'access_token']] as const) : ([[accessToken, 'access_token']] as const);
    // The refresh token ends the grant; servers need not end the access token with it (RFC 7009 §2.1).
    const ended = await Promise.allSettled(tokens.map(([token, kind]) => revokeToken({ ...server, revocationEndpoint, token, kind }, fetch)));
    return ended[0]?.status === 'fulfilled';
  }

  #fetchOf({ tenant }: ConnectionServer, url: string): IssuerFetch {
    return this.endpoints.fetchOf(url, tenant);
  }

  #metadataOf(issuer: string, connection: ConnectionOf<'oauth'>): Promise<IssuerMetadata> {
    return this.endpoints.metadataOf(issuer, connection.tenant).catch((error: unknown) => {
      throw new GatewayError(UNAVAILABLE, `${describe(connection)}: its metadata cannot be read`, { cause: error });
    });
  }

  /** Undefined for a public client. */
  #proofOf(connection: ConnectionOf<'oauth'>): ClientAuthentication | undefined {
    if (connection.clientSecret === undefined && connection.privateKey === undefined && connection.clientAuthentication !== 'tls_client_auth') return undefined;
    return readProof({ setting: `connection "${connection.name}"`, secret: (reference) => this.live.secret(reference) }, connection);
  }
}

const describe = ({ name, title }: ConnectionOf<'oauth'>): string => `the server of "${title ?? name}"`;

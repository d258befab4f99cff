import { Injectable } from '@nestjs/common';
import type { Visitor } from './visitor.js';

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

/** What a user typed in. */
export interface TypedSecret {
  /** Of `kind: password` only. */
  readonly username: string | undefined;
  readonly secret: string;
}

/** What users connected: their list, and each way to change it. Everything is in the visitor's own tenant and about the visitor. */
@Injectable()
export class Connections {
  /** Every connection that the visitor's tenant offers, in the order of the configuration. */
  async list(_visitor: Visitor): Promise<readonly ConnectionView[]> {
    throw new Error('not yet');
  }

  /**
   * Begins an authorization: where to send the browser.
   * @param session a text that only this browser's session has; the answer must come back to it
   * @param redirectUri `PUBLIC_URL/connections/callback` of the public URL that the browser used
   * @throws GatewayError `not_found` 404 for a name that is no oauth connection, `connection_unavailable` 503 when the server's metadata cannot be read
   */
  async begin(_visitor: Visitor, _name: string, _session: string, _redirectUri: string): Promise<URL> {
    throw new Error('not yet');
  }

  /**
   * Ends an authorization with what the server sent the browser back with (`state`, `code`, `error`, `iss`). A state is good once.
   * @returns the name of the connection
   * @throws GatewayError `invalid_state` 400 (unknown, used, expired, of another session or another user),
   *   `connection_refused` 400 (the user or the server said no), `connection_unavailable` 503
   */
  async complete(_visitor: Visitor, _session: string, _answer: URLSearchParams): Promise<string> {
    throw new Error('not yet');
  }

  /** @throws GatewayError `not_found` 404 for a name that is no secret connection, `invalid_secret` 400 for a text that cannot be sent */
  async saveSecret(_visitor: Visitor, _name: string, _typed: TypedSecret): Promise<void> {
    throw new Error('not yet');
  }

  /**
   * Forgets what is kept and ends it at its server where that has a revocation endpoint.
   * @returns whether the server confirmed it; undefined where there is nothing to ask
   */
  async disconnect(_visitor: Visitor, _name: string): Promise<boolean | undefined> {
    throw new Error('not yet');
  }
}

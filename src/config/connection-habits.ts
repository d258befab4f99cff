import type { ConnectionOf, ConnectionSettings } from './connection.schema.js';

/** How a server behaves where the standards leave it open, or where it leaves the standards (identity.md). */
export interface ConnectionHabits {
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly rotates: boolean;
  readonly scopeReported: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A server that nobody knows is taken for one whose refresh tokens are good once: sending one twice could end the whole grant. */
const habits: Readonly<Record<ConnectionOf<'oauth'>['preset'], ConnectionHabits>> = {
  oauth: { rotates: true, scopeReported: true },
  // Its scopes are separated by commas, and those of a GitHub App are none.
  github: { authorizationEndpoint: 'https://github.com/login/oauth/authorize', tokenEndpoint: 'https://github.com/login/oauth/access_token', rotates: true, scopeReported: false },
  gitlab: { issuer: 'https://gitlab.com', rotates: true, scopeReported: true },
  gitea: { rotates: true, scopeReported: false },
  // Without these two there is no refresh token, or none the second time.
  google: { issuer: 'https://accounts.google.com', rotates: false, scopeReported: true, parameters: { access_type: 'offline', prompt: 'consent' } },
  // The metadata for every directory names an issuer that none has.
  microsoft: {
    authorizationEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    tokenEndpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    rotates: false,
    scopeReported: true,
  },
};

/** Who gave out what is kept for a connection, and to which client: under the same name, what another one gave out is of no use. */
export function issuedBy(connection: ConnectionSettings): string {
  if (connection.type === 'secret') return JSON.stringify([connection.type, connection.kind]);
  const known = habitsOf(connection);
  return JSON.stringify([connection.type, connection.issuer ?? known.issuer ?? connection.tokenEndpoint ?? known.tokenEndpoint, connection.clientId]);
}

export const habitsOf = ({ preset }: Pick<ConnectionOf<'oauth'>, 'preset'>): ConnectionHabits => habits[preset];

import { GatewayError } from '../errors/gateway.error.js';
import type { CredentialAnswers, UserConnections } from '../token-exchange/credential.strategy.js';

/** What a call would carry is in the database, where such a command does not look. */
export const CONNECTION_UNKNOWN = { code: 'connection_unknown', status: 503 };

const connections: UserConnections = {
  account: async (_call, { name }) => explain(name),
  secret: async (_call, { name }) => explain(name),
};

const resolved: CredentialAnswers = {
  obtain: async (_key, ask) => ({ ...(await ask(false)), evict: () => undefined }),
};

/** For commands that make links without a gateway: no connections, which are in the database, and nothing kept of what was answered. */
export const withoutMemory = { connections, resolved };

function explain(name: string): never {
  throw new GatewayError(CONNECTION_UNKNOWN, `the call takes what its user connected as "${name}", which only the database knows: gatehouse connections list`);
}

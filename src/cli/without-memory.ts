import { GatewayError } from '../errors/gateway.error.js';
import type { CredentialAnswers, UserConnections } from '../token-exchange/credential.strategy.js';

const IN_DATABASE = { code: 'connection_unknown', status: 503 };

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
  throw new GatewayError(IN_DATABASE, `the call takes what its user connected as "${name}", which only the database knows: gatehouse connections list`);
}

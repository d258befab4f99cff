import { GatewayError } from '../errors/gateway.error.js';
import type { UserConnections } from '../token-exchange/credential.strategy.js';

const IN_DATABASE = { code: 'connection_unknown', status: 503 };

/** For commands that make links without the database, where connections are. */
export const withoutConnections: UserConnections = {
  account: async (_call, { name }) => explain(name),
  secret: async (_call, { name }) => explain(name),
};

function explain(name: string): never {
  throw new GatewayError(IN_DATABASE, `the call takes what its user connected as "${name}", which only the database knows: gatehouse connections list`);
}

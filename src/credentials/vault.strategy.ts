import type { CredentialFactory } from '../token-exchange/credential.strategy.js';

/** The account that the user connected at another authorization server: its token, refreshed when it is time. */
export const createVault: CredentialFactory<'vault'> = ({ connection, setting, connections }) => {
  if (connection?.type !== 'oauth') throw new Error(`${setting} names no account`);
  return {
    obtain: async (call) => {
      const { accessToken, scopes, evict } = await connections.account(call, connection);
      return { placement: { in: 'header', name: 'authorization', prefix: 'Bearer ', secret: accessToken }, actor: connection.clientId, scopes, isNarrowed: false, evict };
    },
  };
};

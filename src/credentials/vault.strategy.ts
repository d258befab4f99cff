import type { CredentialFactory } from '../token-exchange/credential.strategy.js';
import { readProof } from '../token-exchange/client-proof.js';

/** The account that the user connected at another authorization server: its token, refreshed when it is time. */
export const createVault: CredentialFactory<'vault'> = (context) => {
  const { connection, setting, connections } = context;
  if (connection?.type !== 'oauth') throw new Error(`${setting} names no account`);
  // Read here only so that a key that is none is found before the revision is taken over.
  if (connection.privateKey !== undefined) readProof({ ...context, setting: `connection ${connection.name}` }, connection);
  return {
    obtain: async (call) => {
      const { accessToken, scopes, evict, explainLack } = await connections.account(call, connection);
      return { placement: { in: 'header', name: 'authorization', prefix: 'Bearer ', secret: accessToken }, actor: connection.clientId, scopes, isNarrowed: false, evict, explainLack };
    },
  };
};

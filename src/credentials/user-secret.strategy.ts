import { Secret } from '@gatehouse-mcp/oauth';
import type { Placement } from '../context/credential.js';
import type { CredentialFactory, UserSecret } from '../token-exchange/credential.strategy.js';
import type { CredentialOf } from '../config/credential.schema.js';

/** The key or password that the user has for the API: the call is the user's own, so nobody else acts in it. */
export const createUserSecret: CredentialFactory<'user-secret'> = ({ settings, connection, setting, connections }) => {
  if (connection?.type !== 'secret') throw new Error(`${setting} names no secret`);
  return {
    obtain: async (call) => {
      const held = await connections.secret(call, connection);
      return { placement: place(settings, held), actor: null, scopes: null, isNarrowed: false, evict: held.evict };
    },
  };
};

function place({ in: where, name = 'authorization', prefix = '' }: CredentialOf<'user-secret'>, { username, secret }: UserSecret): Placement {
  if (where !== 'basic') return { in: where, name, prefix, secret };
  // RFC 7617 §2: in UTF-8, and the user name has no colon (which the page checked).
  return { in: 'header', name: 'authorization', prefix: 'Basic ', secret: new Secret(Buffer.from(`${username ?? ''}:${secret.reveal()}`).toString('base64')) };
}

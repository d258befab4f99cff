import type { Connections, ConnectionView } from '../credentials/vault/connections.js';
import type { Visitor } from '../credentials/vault/visitor.js';
import { GatewayError } from '../errors/gateway.error.js';

/** @throws GatewayError 404 when the visitor's tenant offers none of this name */
export async function findConnection(connections: Pick<Connections, 'list'>, visitor: Visitor, name: string): Promise<ConnectionView> {
  const view = (await connections.list(visitor)).find((one) => one.name === name);
  if (!view) throw new GatewayError({ code: 'not_found', status: 404 }, 'there is no such connection');
  return view;
}

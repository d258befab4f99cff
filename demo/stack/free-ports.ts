import { codeOf } from '../loopback/error-code.js';
import { listenOnLoopback } from '../loopback/listen.js';
import { type DemoPorts, suggestPortBase } from '../ports.js';
import { describeSystemError, StartError } from './start.error.js';

const purposes: Readonly<Record<keyof DemoPorts, string>> = {
  authorizationServer: 'the authorization server',
  ordersApi: 'the orders API',
  wikiServer: 'the wiki',
  gateway: 'Gatehouse',
};

/** @throws StartError naming the first port that is taken, and the way around it. */
export async function assertPortsFree(ports: DemoPorts, portBase: number): Promise<void> {
  for (const name of ['authorizationServer', 'ordersApi', 'wikiServer', 'gateway'] as const) {
    const port = ports[name];
    try {
      const probe = await listenOnLoopback((_request, response) => response.destroy(), port);
      await probe.close();
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw describeSystemError(`port ${port} cannot be used`, error);
      throw new StartError(`port ${port} (${purposes[name]}) is in use: stop what listens there, or move all ports with --port-base ${suggestPortBase(portBase)}`);
    }
  }
}

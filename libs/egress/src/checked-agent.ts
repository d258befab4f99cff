import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { EgressError, isAddressLiteral, type EgressPolicy } from './egress-policy.js';

type Lookup = typeof dnsLookup;

/** Options of {@link createCheckedAgent}; times in milliseconds. */
export interface CheckedAgentOptions {
  /** Name resolution; Node's own by default. Tests give a rebinding one. */
  readonly lookup?: Lookup;
  /** Time for the connection, TLS included. Default 5,000. */
  readonly connectTimeout?: number;
  /** Sockets for each origin. Default 64. */
  readonly connections?: number;
  /** PEM of a certificate authority to trust besides the system's. */
  readonly ca?: string;
}

/**
 * An undici Agent that connects only peers the policy allows. Three checks, because each alone can be passed by:
 * a literal address is never looked up, a lookup may answer differently the next time, and the connected peer is the truth.
 * undici follows no redirect by itself.
 *
 * @param currentPolicy asked at each connection, so that a new configuration acts on the next socket
 */
export function createCheckedAgent(currentPolicy: () => EgressPolicy, options: CheckedAgentOptions = {}): Agent {
  const resolve = options.lookup ?? dnsLookup;
  const timeout = options.connectTimeout ?? 5_000;
  const connect: buildConnector.connector = (target, callback) => {
    const policy = currentPolicy();
    const host = target.hostname;
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
    if (isAddressLiteral(host)) {
      const refusal = judge(policy, host, port, host);
      if (refusal) return callback(refusal, null);
    }
    const connector = buildConnector({
      timeout,
      lookup: checkedLookup(policy, port, resolve),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    connector(target, (...[error, socket]) => {
      if (error || !socket) return callback(error ?? new EgressError(`no connection to ${host}`), null);
      const refusal = judgePeer(policy, host, port, socket);
      if (!refusal) return callback(null, socket);
      socket.destroy();
      return callback(refusal, null);
    });
  };
  return new Agent({ connect, connections: options.connections ?? 64, pipelining: 1, keepAliveTimeout: 10_000 });
}

/** A `lookup` that answers only with addresses the policy allows; with none of them, it is the refusal. */
function checkedLookup(policy: EgressPolicy, port: number, resolve: Lookup): Lookup {
  const checked = (host: string, options: object, callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => !judge(policy, host, port, address));
      const [first] = allowed;
      if (!first) return callback(judge(policy, host, port, addresses[0]?.address ?? 'no address') ?? new EgressError(`${host} has no address`), []);
      if ('all' in options && options.all) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
  // Node's Lookup has a promisified face and overloads that net and tls never use.
  return checked as unknown as Lookup;
}

function judgePeer(policy: EgressPolicy, host: string, port: number, socket: Socket): EgressError | undefined {
  return judge(policy, host, port, socket.remoteAddress ?? 'no address');
}

function judge(policy: EgressPolicy, host: string, port: number, address: string): EgressError | undefined {
  try {
    policy.check(host, port, address);
    return undefined;
  } catch (error) {
    if (error instanceof EgressError) return error;
    throw error;
  }
}

import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { isAddressLiteral } from './address.js';
import { refusal, type EgressPolicy, type Judgement } from './egress-policy.js';
import { EgressError } from './egress-error.js';
import type { EgressRules } from './egress.js';
import type { HttpProxy } from './http-proxy.js';
import { OwnLookups, type Lookup } from './own-lookups.js';

/** Options of {@link createCheckedConnector}. */
export interface ConnectorOptions {
  /** Name resolution; Node's own by default. Tests give a rebinding one. */
  readonly lookup?: Lookup;
  /** Milliseconds for the connection, proxy and TLS included. Default 5,000. */
  readonly connectTimeout?: number;
}

/**
 * An undici connector that connects only peers the rules allow.
 *
 * Directly, three checks, because each alone can be passed by: a literal address is never looked up, a lookup may answer differently
 * the next time, and the connected peer is the truth. Only an address that was checked is connected.
 *
 * Through a proxy (CONNECT, for http and https alike, so that TLS is the peer's end to end) the address that the proxy will connect
 * cannot be seen: see {@link judgeThroughProxy}. The proxy itself needs no entry, the operator named it.
 */
export function createCheckedConnector(rules: EgressRules, options: ConnectorOptions = {}): buildConnector.connector {
  const resolve = options.lookup ?? dnsLookup;
  const timeout = options.connectTimeout ?? 5_000;
  // The rest of the time is the proxy's and the peer's.
  const lookups = new OwnLookups(resolve, timeout / 2);
  return (target, callback) => {
    const host = target.hostname;
    const port = portOf(target);
    const way = rules.wayTo(host, port);
    if (way.proxy) {
      const { proxy } = way;
      connectThrough(proxy, rules, target, { lookups, timeout }).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
      return;
    }
    if (isAddressLiteral(host)) {
      const refused = refuse(rules.policy, host, port, host);
      if (refused) return callback(refused, null);
    }
    const connect = buildConnector({ timeout, lookup: checkedLookup(rules.policy, port, resolve), ...tlsOptions(rules, target) });
    connect(target, (...[error, socket]) => {
      if (error || !socket) return callback(error ?? new EgressError(`no connection to ${host}`), null);
      const refused = refuse(rules.policy, host, port, socket.remoteAddress ?? 'no address');
      if (!refused) return callback(null, socket);
      socket.destroy();
      return callback(refused, null);
    });
  };
}

/**
 * Whether a host may be reached through a proxy, which looks names up itself. A literal address is judged as it is. A name is looked
 * up here as well: one address among the answers that may not be connected refuses it, because nobody knows which the proxy will take.
 * A name that cannot be looked up here, as is usual behind such proxies, has to be listed in `egress.allow` as itself. The proxy may
 * still be told another address than we are: what it must never reach, it has to refuse too.
 *
 * @param addressesOf what is known here of a name; nothing when it cannot be looked up
 */
export async function judgeThroughProxy(policy: EgressPolicy, host: string, port: number, addressesOf: (host: string) => Promise<readonly string[]>): Promise<Judgement & { readonly addresses: readonly string[] }> {
  const first = policy.judgeUnresolved(host, port);
  // A listed host may have any address, so only a denied address is worth a lookup.
  if (first && (!first.isAllowed || isAddressLiteral(host) || !policy.deniesAddresses)) return { ...first, addresses: [] };
  const addresses = await addressesOf(host);
  const judgements = addresses.map((address) => policy.judge(host, port, address));
  const unresolved: Judgement = { isAllowed: false, by: 'the name cannot be looked up here, and no entry of egress.allow names it', isDenied: false };
  return { ...(judgements.find(({ isAllowed }) => !isAllowed) ?? judgements[0] ?? first ?? unresolved), addresses };
}

async function connectThrough(proxy: HttpProxy, rules: EgressRules, target: buildConnector.Options, { lookups, timeout }: { lookups: OwnLookups; timeout: number }): Promise<Socket> {
  const host = target.hostname;
  const port = portOf(target);
  const deadline = performance.now() + timeout;
  const judgement = await judgeThroughProxy(rules.policy, host, port, (name) => lookups.addressesOf(name));
  if (!judgement.isAllowed) throw refusal(`${host}:${port} through the proxy (${judgement.addresses.join(', ') || 'no address is known here'})`, judgement);
  const tunnel = await proxy.openTunnel(host, port, Math.max(1, deadline - performance.now()));
  if (target.protocol !== 'https:') return tunnel;
  const secure = buildConnector({ timeout: Math.max(1, deadline - performance.now()), ...tlsOptions(rules, target) });
  return new Promise((done, reject) => {
    secure({ ...target, httpSocket: tunnel }, (...[error, socket]) => {
      if (socket) return done(socket);
      tunnel.destroy();
      return reject(error ?? new EgressError(`no connection to ${host}`));
    });
  });
}

function tlsOptions(rules: EgressRules, target: buildConnector.Options) {
  const secureContext = target.protocol === 'https:' ? rules.tls.contextFor(target.hostname, portOf(target)) : undefined;
  return secureContext === undefined ? {} : { secureContext };
}

const portOf = ({ port, protocol }: Pick<buildConnector.Options, 'port' | 'protocol'>): number => Number(port) || (protocol === 'https:' ? 443 : 80);

/** A `lookup` that answers only with addresses the policy allows; with none of them, it is the refusal. */
function checkedLookup(policy: EgressPolicy, port: number, resolve: Lookup): Lookup {
  const checked = (host: string, options: object, callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => !refuse(policy, host, port, address));
      const [first] = allowed;
      if (!first) return callback(refuse(policy, host, port, addresses[0]?.address ?? 'no address') ?? new EgressError(`${host} has no address`), []);
      if ('all' in options && options.all) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
  // Node's Lookup has a promisified face and overloads that net and tls never use.
  return checked as unknown as Lookup;
}

function refuse(policy: EgressPolicy, host: string, port: number, address: string): EgressError | undefined {
  try {
    policy.check(host, port, address);
    return undefined;
  } catch (error) {
    if (error instanceof EgressError) return error;
    throw error;
  }
}

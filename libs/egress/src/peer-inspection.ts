import { lookup as dnsLookup } from 'node:dns';
import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isAddressLiteral } from './address.js';
import { judgeThroughProxy } from './checked-connector.js';
import type { Judgement } from './egress-policy.js';
import type { EgressRules, Way } from './egress.js';
import { ProxyError } from './http-proxy.js';
import type { Lookup } from './own-lookups.js';

/** What the TLS of a peer looks like. */
export interface TlsInspection {
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  readonly daysLeft: number;
  /** Why it is not trusted, such as `CERT_HAS_EXPIRED`; undefined when it is. */
  readonly fault: string | undefined;
  /** The added authority by which it is trusted; undefined for one of the system's. */
  readonly authority: string | undefined;
}

/** What stands between the gateway and a peer, as far as it could be seen. */
export interface PeerInspection {
  /** Answers of our own resolver. */
  readonly addresses: readonly string[];
  /** Why there are none. */
  readonly lookupFault: string | undefined;
  readonly way: Way;
  readonly judgement: Judgement | undefined;
  /** Milliseconds until the peer, or the tunnel to it, was connected. */
  readonly connected?: number;
  /** Why there was no connection, and what the proxy answered. */
  readonly connectFault?: { readonly reason: string; readonly proxyStatus: number | undefined };
  readonly tls?: TlsInspection;
  /** Why there was no TLS at all. */
  readonly tlsFault?: string;
}

/**
 * Looks at the way to a peer step by step, by the same rules as connections take, and sends nothing to it. For a diagnosis only: the
 * certificate is looked at even where it is not trusted, which a connection never does.
 * @param timeout milliseconds of each step
 */
export async function inspectPeer(rules: EgressRules, { host, port, isTls }: { readonly host: string; readonly port: number; readonly isTls: boolean }, timeout: number, lookup: Lookup = dnsLookup): Promise<PeerInspection> {
  const way = rules.wayTo(host, port);
  const { addresses, lookupFault } = isAddressLiteral(host) ? { addresses: [host], lookupFault: undefined } : await resolveAll(host, lookup, timeout);
  const judgements = addresses.map((address) => rules.policy.judge(host, port, address));
  const judgement = way.proxy ? await judgeThroughProxy(rules.policy, host, port, async () => addresses) : (judgements.find(({ isAllowed }) => isAllowed) ?? judgements[0] ?? refusedUnseen(rules, host, port));
  const seen = { addresses, lookupFault, way, judgement };
  if (!judgement?.isAllowed) return seen;
  const started = performance.now();
  try {
    // Only an address that was judged is connected.
    const address = addresses[judgements.indexOf(judgement)] ?? '';
    const socket = await (way.proxy ? way.proxy.openTunnel(host, port, timeout) : openSocket(address, port, timeout));
    socket.on('error', () => undefined);
    try {
      const connected = Math.round(performance.now() - started);
      return { ...seen, connected, ...(isTls ? await inspectTls(rules, socket, host, port, timeout) : {}) };
    } finally {
      socket.destroy();
    }
  } catch (error) {
    return { ...seen, connectFault: { reason: reasonOf(error), proxyStatus: error instanceof ProxyError ? error.status : undefined } };
  }
}

/** Whether a host and port can be connected at all; the proxy's own are asked for so. @returns why not */
export async function inspectConnection(host: string, port: number, timeout: number): Promise<string | undefined> {
  try {
    (await openSocket(host, port, timeout)).destroy();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function refusedUnseen({ policy }: EgressRules, host: string, port: number): Judgement | undefined {
  const judgement = policy.judgeUnresolved(host, port);
  return judgement?.isAllowed === true ? undefined : judgement;
}

async function resolveAll(host: string, lookup: Lookup, timeout: number): Promise<Pick<PeerInspection, 'addresses' | 'lookupFault'>> {
  return new Promise((done) => {
    const timer = setTimeout(() => done({ addresses: [], lookupFault: 'ETIMEDOUT' }), timeout);
    lookup(host, { all: true }, (error, addresses) => {
      clearTimeout(timer);
      done(error ? { addresses: [], lookupFault: reasonOf(error) } : { addresses: addresses.map(({ address }) => address), lookupFault: undefined });
    });
  });
}

async function openSocket(host: string, port: number, timeout: number): Promise<Socket> {
  return new Promise((done, reject) => {
    const socket = connectTcp({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    socket.once('connect', () => {
      clearTimeout(timer);
      done(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

async function inspectTls({ tls }: EgressRules, socket: Socket, host: string, port: number, timeout: number): Promise<Pick<PeerInspection, 'tls' | 'tlsFault'>> {
  const secureContext = tls.contextFor(host, port);
  return new Promise((done) => {
    const name = isAddressLiteral(host) ? {} : { servername: host };
    // Nothing is sent over it: an untrusted certificate is looked at and the connection is closed.
    const secure = connectTls({ socket, host, ...name, rejectUnauthorized: false, ...(secureContext === undefined ? {} : { secureContext }) });
    const timer = setTimeout(() => secure.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      const certificate = secure.getPeerX509Certificate();
      if (!certificate) return done({ tlsFault: 'the peer shows no certificate' });
      const chain = chainOf(certificate);
      const fault = secure.authorized ? undefined : reasonOf(secure.authorizationError);
      const authority = tls.authorities.find((added) => chain.some((link) => link.fingerprint256 === added.fingerprint256 || (link.checkIssued(added) && link.verify(added.publicKey))));
      return done({
        tls: {
          protocol: secure.getProtocol() ?? '',
          subject: oneLine(certificate.subject),
          issuer: oneLine(certificate.issuer),
          daysLeft: Math.floor((Date.parse(certificate.validTo) - Date.now()) / 86_400_000),
          fault,
          authority: authority && oneLine(authority.subject),
        },
      });
    });
    secure.once('error', (error) => {
      clearTimeout(timer);
      done({ tlsFault: reasonOf(error) });
    });
  });
}

function chainOf(certificate: X509Certificate): readonly X509Certificate[] {
  const chain = [certificate];
  for (let next = certificate.issuerCertificate; next && chain.length < 10 && !chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256); next = next.issuerCertificate) chain.push(next);
  return chain;
}

/** Certificates come from strangers: their names are shown as one short line. */
const oneLine = (name: string | undefined): string => (name ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim().slice(0, 200);

function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof ProxyError) return error.message;
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : 'unknown reason';
}

import type { PeerInspection } from '@gatehouse-mcp/egress';

/** Where a peer stands in the configuration. */
export interface PeerPlace {
  readonly setting: string;
  readonly host: string;
  readonly port: number;
  readonly tenant: string | undefined;
}

/** What to change when the lists refuse a peer. */
export function remedyForRefusedPeer({ host, port, tenant }: PeerPlace, { judgement, way, addresses }: PeerInspection): string {
  if (judgement?.isDenied === true) return `take the entry out (${judgement.by}), or give another address: deny wins over every allow`;
  const list = tenant === undefined ? 'egress.allow' : `egress.allow, or tenants.${tenant}.egress.allow for this tenant only`;
  if (way.proxy && addresses.length === 0) return `only the proxy can look the name up: add ${host}:${port} to ${list}`;
  return `if it is meant, add ${host}:${port} to ${list}`;
}

export function remedyForLookup({ setting }: PeerPlace): string {
  return `compare the name at ${setting}; if only the proxy can look it up, set egress.proxy and leave the host out of egress.noProxy`;
}

/** What to change when nothing was connected. */
export function remedyForConnection({ host, port }: PeerPlace, { way, connectFault }: PeerInspection): string {
  if (!way.proxy) {
    const exempt = way.exemption === undefined ? 'if only a proxy may leave this network, set egress.proxy' : `it is connected directly because of "${way.exemption}" in noProxy; take that out if it is beyond the proxy`;
    return `a firewall may be between, or nobody listens at ${host}:${port}; ${exempt}`;
  }
  switch (connectFault?.proxyStatus) {
    case undefined:
      return 'compare host and port of egress.proxy';
    case 407:
      return 'give user and password in the URL of egress.proxy: http://USER:PASSWORD@HOST:PORT, percent-encoded';
    case 502:
    case 503:
    case 504:
      return `the proxy cannot reach ${host}:${port}; add the host to egress.noProxy if it is inside`;
    default:
      return `have the proxy allow CONNECT to ${host}:${port}, or add the host to egress.noProxy if it is inside`;
  }
}

/** What to change when a certificate is not trusted, by Node's code. */
export function remedyForCertificate(code: string, { host, port, setting }: PeerPlace, issuer: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `${host} has to renew its certificate; if it did, compare the clock of this machine`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate is for other names: compare the host at ${setting}, or have ${host}:${port} show its own`;
    default:
      return `add the certificate authority (${issuer}) to the PEM of egress.ca; if you do not know it, something between here and ${host} answers in its place`;
  }
}

export function remedyForHandshake({ host, port }: PeerPlace): string {
  return `no TLS is spoken at ${host}:${port}, or a client certificate is wanted: egress.clientCertificates, with ${host} in its hosts`;
}

export function remedyForAnswer({ host }: PeerPlace): string {
  return `it was connected and gave no HTTP answer: it may want a client certificate (egress.clientCertificates, with ${host} in its hosts)`;
}

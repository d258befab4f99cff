import ipaddr from 'ipaddr.js';

/** Platform addresses that no range of `ipaddr.js` names: Azure's host agent and the metadata services of the clouds. */
const PLATFORM_ADDRESSES = new Set(['168.63.129.16', '169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A connection that the policy does not allow. The message names the host and, where there is one, the address. */
export class EgressError extends Error {
  readonly code = 'egress_denied';

  constructor(message: string) {
    super(message);
    this.name = 'EgressError';
  }
}

/**
 * Decides which peers may be connected: any public unicast address, and what the operator listed.
 * An entry is `host`, `host:port`, an address, `[v6]:port` or a CIDR; a listed host may have any address.
 */
export class EgressPolicy {
  readonly #hosts = new Set<string>();
  readonly #ranges: Range[] = [];

  /** @param allow the operator's entries. @throws EgressError for an entry that is none of these. */
  constructor(allow: readonly string[] = []) {
    for (const entry of allow) {
      if (ipaddr.isValidCIDR(entry)) this.#ranges.push(ipaddr.parseCIDR(entry));
      else if (/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/.test(entry)) this.#hosts.add(entry.toLowerCase());
      else throw new EgressError(`egress entry "${entry}" is neither a host, host:port, an address nor a CIDR`);
    }
  }

  /** Whether the operator listed this host, alone or with this port. The comparison is exact: `localhost.` is not `localhost`. */
  listsHost(host: string, port: number): boolean {
    const name = host.toLowerCase();
    return this.#hosts.has(name) || this.#hosts.has(`${name}:${port}`);
  }

  /** Whether this address may be connected when nothing but the address is known. */
  allowsAddress(address: string): boolean {
    const parsed = parseAddress(address);
    if (!parsed) return false;
    if (this.#ranges.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits))) return true;
    return parsed.range() === 'unicast' && !PLATFORM_ADDRESSES.has(parsed.toString());
  }

  /**
   * The judgement for one peer: the host as the URL names it, and the address that would be (or was) connected.
   * @throws EgressError naming the host and the address
   */
  check(host: string, port: number, address: string): void {
    if (this.listsHost(host, port) || this.allowsAddress(address)) return;
    throw new EgressError(`egress to ${host}:${port} (${address}) is not allowed; list it under egress.allow if it is meant`);
  }
}

/** The peer of a URL as an entry of the policy names it: `host:port`, the port said even where it is the scheme's own. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** The address itself; for an IPv4 address mapped into IPv6, the IPv4 address that would really be reached. */
function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const text = address.startsWith('[') ? address.slice(1, -1) : address;
  // isValidFourPartDecimal keeps out 0x7f.1, 0177.0.0.1 and 2130706433, which ipaddr.js would also parse.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const v6 = ipaddr.IPv6.parse(text);
  return v6.isIPv4MappedAddress() ? v6.toIPv4Address() : v6;
}

/** Whether a URL's host is an address in any notation, so that no lookup will happen. */
export function isAddressLiteral(host: string): boolean {
  const text = host.startsWith('[') ? host.slice(1, -1) : host;
  return ipaddr.isValid(text) || /^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\.?$/i.test(text);
}

import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network and, where the entry has one, the only port. */
export interface Range {
  readonly network: Address;
  readonly bits: number;
  readonly port: number | undefined;
}

/** The address itself; for an IPv4 address mapped into IPv6, the IPv4 address that would really be reached. */
export function parseAddress(address: string): Address | undefined {
  const text = address.startsWith('[') ? address.slice(1, -1) : address;
  // isValidFourPartDecimal keeps out 0x7f.1, 0177.0.0.1 and 2130706433, which ipaddr.js would also parse.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const v6 = ipaddr.IPv6.parse(text);
  return v6.isIPv4MappedAddress() ? v6.toIPv4Address() : v6;
}

/** A CIDR; undefined for any other text. */
export function parseRange(entry: string): Range | undefined {
  if (!ipaddr.isValidCIDR(entry)) return undefined;
  const [network, bits] = ipaddr.parseCIDR(entry);
  return { network, bits, port: undefined };
}

/** The range of one address, alone or with a port; undefined for a name. */
export function rangeOfAddress(entry: string): Range | undefined {
  const port = /:(\d{1,5})$/.exec(entry)?.[1];
  const isWithPort = port !== undefined && (entry.startsWith('[') ? entry.includes(']:') : entry.indexOf(':') === entry.lastIndexOf(':'));
  const network = parseAddress(isWithPort ? entry.slice(0, -port.length - 1) : entry);
  return network && { network, bits: network.kind() === 'ipv4' ? 32 : 128, port: isWithPort ? Number(port) : undefined };
}

export function isInRange(address: Address, port: number, range: Range): boolean {
  return (range.port === undefined || range.port === port) && address.kind() === range.network.kind() && address.match(range.network, range.bits);
}

/** Whether a URL's host is an address in any notation, so that no lookup will happen. */
export function isAddressLiteral(host: string): boolean {
  const text = host.startsWith('[') ? host.slice(1, -1) : host;
  return ipaddr.isValid(text) || /^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\.?$/i.test(text);
}

/** A host as lists compare it: lower case, an IPv6 address as URLs write it and without its brackets. */
export function canonicalHost(host: string): string {
  if (!host.startsWith('[')) return host.toLowerCase();
  return (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host.toLowerCase()).slice(1, -1);
}

/** A host, or a host and its port, as lists compare them. */
export function canonicalEntry(entry: string): string {
  const [, host = entry, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  return port === undefined ? canonicalHost(host) : `${canonicalHost(host)} ${Number(port)}`;
}

/** The peer of a URL as an entry of a list names it: `host:port`, the port said even where it is the scheme's own. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

import { isInRange, parseAddress, parseRange, rangeOfAddress, type Range } from './address.js';
import { EgressError } from './egress-error.js';

interface Exemption {
  readonly entry: string;
  matches(host: string, port: number): boolean;
}

/**
 * Which hosts are connected directly although there is a proxy, in the syntax of `NO_PROXY`: `host` (it and its subdomains, as in curl
 * and Go), `.suffix` and `*.suffix` (subdomains only), each with `:port` where only this port is meant, an address, a CIDR, `*` for all.
 * Addresses and CIDRs match hosts that are written as addresses: no name is looked up to compare it.
 */
export class NoProxyList {
  readonly #exemptions: readonly Exemption[];
  /** Equal for lists that say the same. */
  readonly key: string;

  /** @throws EgressError for an entry that is none of these */
  constructor(entries: readonly string[] = []) {
    this.#exemptions = entries.map(parseExemption);
    this.key = JSON.stringify(entries);
  }

  /** The entry by which this host is connected directly; undefined when it goes through the proxy. */
  find(host: string, port: number): string | undefined {
    return this.#exemptions.find((exemption) => exemption.matches(host, port))?.entry;
  }
}

/** The entries of an environment variable, which separates them by commas or blanks. */
export function splitNoProxy(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function parseExemption(entry: string): Exemption {
  if (entry === '*') return { entry, matches: () => true };
  const range = parseRange(entry) ?? rangeOfAddress(entry);
  if (range) return { entry, matches: (host, port) => isHostInRange(host, port, range) };
  const [, wildcard = '', name = '', onlyPort] = /^(\*?\.)?([A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (name === '') throw new EgressError(`"${entry}" is no host, .suffix, *.suffix, host:port, address, CIDR or *`);
  const exact = name.toLowerCase();
  return {
    entry,
    matches: (host, port) => {
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
      const lower = host.toLowerCase().replace(/\.$/, '');
      return lower.endsWith(`.${exact}`) || (wildcard === '' && lower === exact);
    },
  };
}

function isHostInRange(host: string, port: number, range: Range): boolean {
  const address = parseAddress(host);
  return address !== undefined && isInRange(address, port, range);
}

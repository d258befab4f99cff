import { canonicalEntry, canonicalHost, isInRange, parseRange, rangeOfAddress, type Address, type Range } from './address.js';
import { EgressError } from './egress-error.js';

/** `host`, `host:port`, an address, `[v6]:port`. */
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

/** Entries of one list, each with the setting that holds it, as `egress.deny: 10.0.0.0/8`. Never changed: adding makes a new one. */
export class EntryList {
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #ranges: readonly (readonly [range: Range, label: string])[];

  private constructor(hosts: ReadonlyMap<string, string>, ranges: readonly (readonly [Range, string])[]) {
    this.#hosts = hosts;
    this.#ranges = ranges;
  }

  static readonly empty = new EntryList(new Map(), []);

  /**
   * @param meansAddress an entry that is an address stands for it however a peer is named; else only for a URL that names it
   * @throws EgressError for an entry that is neither a host, host:port, an address nor a CIDR
   */
  add(setting: string, entries: readonly string[], meansAddress: boolean): EntryList {
    if (entries.length === 0) return this;
    const hosts = new Map(this.#hosts);
    const ranges = [...this.#ranges];
    for (const entry of entries) {
      const label = `${setting}: ${entry}`;
      const range = parseRange(entry) ?? (meansAddress ? rangeOfAddress(entry) : undefined);
      if (range) ranges.push([range, label]);
      else if (HOST.test(entry)) hosts.set(canonicalEntry(entry), label);
      else throw new EgressError(`egress entry "${entry}" is neither a host, host:port, an address nor a CIDR`);
    }
    return new EntryList(hosts, ranges);
  }

  get hasRanges(): boolean {
    return this.#ranges.length > 0;
  }

  /** The entry that names this host, alone or with this port. The comparison is exact, but for the case. */
  findHost(host: string, port: number): string | undefined {
    const name = canonicalHost(host);
    return this.#hosts.get(name) ?? this.#hosts.get(`${name} ${port}`);
  }

  /** The entry whose network holds the address. */
  findAddress(address: Address, port: number): string | undefined {
    return this.#ranges.find(([range]) => isInRange(address, port, range))?.[1];
  }
}

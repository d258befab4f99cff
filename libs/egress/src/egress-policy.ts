import { isAddressLiteral, parseAddress } from './address.js';
import { EgressError } from './egress-error.js';
import { EntryList } from './entry-list.js';

/** Platform addresses that no range of `ipaddr.js` names: Azure's host agent and the metadata services of the clouds. */
const PLATFORM_ADDRESSES = new Set(['168.63.129.16', '169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

/** Two lists of entries: `host`, `host:port`, an address, `[v6]:port` or a CIDR. */
export interface EgressLists {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

const NO_TENANT = { setting: '', lists: { allow: [], deny: [] } };

/** What a policy says of a peer, and by which entry, such as `egress.deny: 10.0.0.0/8`, or which rule. */
export interface Judgement {
  readonly isAllowed: boolean;
  readonly by: string;
  /** Whether an entry of `deny` decided. */
  readonly isDenied: boolean;
}

/**
 * Decides which peers may be connected: any public unicast address, and what the operator listed, but nothing that the operator
 * denied: `deny` wins over `allow`. An allowed host may have any address that is not denied. A denied address is denied by whatever
 * name it is reached, and a denied host with a trailing dot too.
 */
export class EgressPolicy {
  readonly #allow: EntryList;
  readonly #deny: EntryList;
  /** Equal for policies that judge alike. */
  readonly key: string;

  /**
   * @param tenant lists of one tenant, which add to what is allowed and to what is denied, and the setting that holds them
   * @throws EgressError for an entry that is none of these
   */
  constructor(allow: readonly string[] = [], deny: readonly string[] = [], { setting, lists }: { readonly setting: string; readonly lists: EgressLists } = NO_TENANT) {
    this.#allow = EntryList.empty.add('egress.allow', allow, false).add(`${setting}.allow`, lists.allow, false);
    this.#deny = EntryList.empty.add('egress.deny', deny, true).add(`${setting}.deny`, lists.deny, true);
    this.key = JSON.stringify([[...allow, ...lists.allow].toSorted(), [...deny, ...lists.deny].toSorted()]);
  }

  /** Whether any address may be denied although its host is allowed. */
  get deniesAddresses(): boolean {
    return this.#deny.hasRanges;
  }

  /** Whether the operator listed this host, alone or with this port, and did not deny it. The comparison is exact: `localhost.` is not `localhost`. */
  listsHost(host: string, port: number): boolean {
    return this.#allow.findHost(host, port) !== undefined && this.#denialOf(host, port, host) === undefined;
  }

  /** Whether this address may be connected when nothing but the address is known. */
  allowsAddress(address: string, port = 0): boolean {
    return this.judge(address, port, address).isAllowed;
  }

  /**
   * @param host as the URL names it
   * @param address that would be, or was, connected; undefined where nobody here can know it
   */
  judge(host: string, port: number, address: string | undefined): Judgement {
    const denial = this.#denialOf(host, port, address);
    if (denial !== undefined) return { isAllowed: false, by: denial, isDenied: true };
    const listed = this.#allow.findHost(host, port);
    if (listed !== undefined) return { isAllowed: true, by: listed, isDenied: false };
    const parsed = address === undefined ? undefined : parseAddress(address);
    if (!parsed) return { isAllowed: false, by: 'no entry of egress.allow names it', isDenied: false };
    const range = this.#allow.findAddress(parsed, port);
    if (range !== undefined) return { isAllowed: true, by: range, isDenied: false };
    const isPublic = parsed.range() === 'unicast' && !PLATFORM_ADDRESSES.has(parsed.toString());
    return { isAllowed: isPublic, by: isPublic ? 'the address is public' : 'the address is not public, and no entry of egress.allow names it', isDenied: false };
  }

  /**
   * What can be said of a host without asking for its address.
   * @returns undefined when only its address can decide
   */
  judgeUnresolved(host: string, port: number): Judgement | undefined {
    if (isAddressLiteral(host)) return this.judge(host, port, host);
    const judgement = this.judge(host, port, undefined);
    // RFC 6761 §6.3: these names are loopback.
    const isLoopback = /(?:^|\.)localhost\.?$/i.test(host);
    return judgement.isAllowed || judgement.isDenied || isLoopback ? judgement : undefined;
  }

  /**
   * The judgement for one peer: the host as the URL names it, and the address that would be (or was) connected.
   * @throws EgressError naming the host and the address
   */
  check(host: string, port: number, address: string): void {
    const judgement = this.judge(host, port, address);
    if (judgement.isAllowed) return;
    throw refusal(`${host}:${port} (${address})`, judgement);
  }

  #denialOf(host: string, port: number, address: string | undefined): string | undefined {
    const byName = this.#deny.findHost(host.replace(/\.$/, ''), port);
    if (byName !== undefined || address === undefined || !this.#deny.hasRanges) return byName;
    const parsed = parseAddress(address);
    return parsed && this.#deny.findAddress(parsed, port);
  }
}

/** @param peer host and port, and the address where it is known */
export function refusal(peer: string, { by, isDenied }: Judgement): EgressError {
  // The list is named, its entry is not: callers may read this.
  if (isDenied) return new EgressError(`egress to ${peer} is denied by ${by.slice(0, by.indexOf(':'))}`);
  return new EgressError(`egress to ${peer} is not allowed; list it under egress.allow if it is meant`);
}

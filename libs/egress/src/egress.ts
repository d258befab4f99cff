import { createHash } from 'node:crypto';
import { EgressPolicy } from './egress-policy.js';
import type { HttpProxy } from './http-proxy.js';
import { NoProxyList } from './no-proxy.js';
import { TlsMaterial } from './tls-material.js';

/** How connections are made, besides which of them may be. */
export interface EgressWays {
  readonly proxy?: HttpProxy | undefined;
  readonly noProxy?: NoProxyList;
  readonly tls?: TlsMaterial;
}

/** The way to a host: directly, by an entry of `noProxy` or because there is no proxy, or through the proxy. */
export type Way = { readonly proxy: undefined; readonly exemption: string | undefined } | { readonly proxy: HttpProxy };

/** What the connections of some callers may reach, and how. Sockets are shared under one of these only. */
export class EgressRules {
  /** Equal for rules under which the same connections would be made in the same way. */
  readonly key: string;

  constructor(
    readonly policy: EgressPolicy,
    readonly proxy: HttpProxy | undefined,
    readonly noProxy: NoProxyList,
    readonly tls: TlsMaterial,
  ) {
    this.key = createHash('sha256').update(JSON.stringify([policy.key, proxy?.key, noProxy.key, tls.key])).digest('hex');
  }

  wayTo(host: string, port: number): Way {
    if (!this.proxy) return { proxy: undefined, exemption: undefined };
    const exemption = this.noProxy.find(host, port);
    return exemption === undefined ? { proxy: this.proxy } : { proxy: undefined, exemption };
  }
}

/** Everything that one revision of a configuration says of outbound connections. Never changed: a new revision brings a new one. */
export class Egress {
  /** Of connections that are made for no tenant in particular, such as to identity providers. */
  readonly rules: EgressRules;
  readonly #tenants: ReadonlyMap<string, EgressRules>;
  readonly #byKey: ReadonlyMap<string, EgressRules>;

  /** @param tenants policies of the tenants that have lists of their own, by name */
  constructor(policy: EgressPolicy = new EgressPolicy(), { proxy, noProxy = new NoProxyList(), tls = new TlsMaterial() }: EgressWays = {}, tenants: ReadonlyMap<string, EgressPolicy> = new Map()) {
    this.rules = new EgressRules(policy, proxy, noProxy, tls);
    const byKey = new Map([[this.rules.key, this.rules]]);
    // Tenants whose lists are the same share their sockets: what one may reach, the other may.
    const share = (rules: EgressRules): EgressRules => {
      const known = byKey.get(rules.key) ?? rules;
      byKey.set(rules.key, known);
      return known;
    };
    this.#tenants = new Map([...tenants].map(([name, own]) => [name, share(new EgressRules(own, proxy, noProxy, tls))]));
    this.#byKey = byKey;
  }

  /** The rules of a tenant, or those of nobody in particular. */
  rulesOf(tenant: string | undefined): EgressRules {
    return (tenant === undefined ? undefined : this.#tenants.get(tenant)) ?? this.rules;
  }

  /** Whether the tenant has lists of its own. */
  hasRulesOf(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  /** The same rules under another revision; undefined when they hold no longer. */
  findRules(key: string): EgressRules | undefined {
    return this.#byKey.get(key);
  }
}

import { Agent, Dispatcher, errors } from 'undici';
import { createCheckedConnector, type ConnectorOptions } from './checked-connector.js';
import type { Egress, EgressRules } from './egress.js';

/** Options of {@link createEgressAgent}. */
export interface EgressAgentOptions extends ConnectorOptions {
  /** Sockets for each origin. Default 64. */
  readonly connections?: number;
}

/** Sets of sockets that are kept open; the set that was opened first makes room. */
const MOST_POOLS = 256;

/**
 * A dispatcher whose connections keep to the egress settings in force: what may be reached, the proxy, whom TLS trusts and which
 * certificate it shows. undici follows no redirect by itself.
 *
 * Sockets are pooled by the rules under which they were opened, so that a socket that one tenant's list allowed serves no other tenant.
 * When the settings change, connections are made by the new ones from the next request on; sockets of rules that hold no longer finish
 * what they carry and are closed.
 *
 * @param current asked at each request; the same object until something changed, so that asking costs nothing
 */
export function createEgressAgent(current: () => Egress, options: EgressAgentOptions = {}): EgressAgent {
  return new EgressAgent(current, options);
}

/** See {@link createEgressAgent}. By itself it makes connections for nobody in particular, such as to identity providers. */
export class EgressAgent extends Dispatcher {
  readonly #current: () => Egress;
  readonly #options: EgressAgentOptions;
  readonly #tenants = new Map<string, Dispatcher>();
  readonly #closing = new Set<Agent>();
  #pools = new Map<EgressRules, Agent>();
  /** The settings that the pools were last compared with. */
  #known: Egress | undefined;
  #isDestroyed = false;

  constructor(current: () => Egress, options: EgressAgentOptions) {
    super();
    this.#current = current;
    this.#options = options;
  }

  /** A dispatcher for what is done for one tenant; it may be kept. */
  forTenant(name: string): Dispatcher {
    const known = this.#tenants.get(name);
    if (known) return known;
    const dispatcher = new TenantDispatcher((options, handler) => this.#poolOf(name).dispatch(options, handler));
    this.#tenants.set(name, dispatcher);
    return dispatcher;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#poolOf(undefined).dispatch(options, handler);
  }

  /** Ends what is under way at once. */
  override async destroy(): Promise<void> {
    this.#isDestroyed = true;
    const agents = [...this.#pools.values(), ...this.#closing];
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #poolOf(tenant: string | undefined): Agent {
    const egress = this.#current();
    if (egress !== this.#known) this.#follow(egress);
    const rules = egress.rulesOf(tenant);
    return this.#pools.get(rules) ?? this.#open(rules);
  }

  #follow(egress: Egress): void {
    const kept = new Map<EgressRules, Agent>();
    for (const [rules, agent] of this.#pools) {
      const same = egress.findRules(rules.key);
      if (same) kept.set(same, agent);
      else this.#close(agent);
    }
    this.#pools = kept;
    // Whoever keeps one may go on; others are made when they are asked for.
    this.#tenants.clear();
    this.#known = egress;
  }

  #open(rules: EgressRules): Agent {
    if (this.#isDestroyed) throw new errors.ClientDestroyedError();
    const { connections = 64, ...options } = this.#options;
    const agent = new Agent({ connect: createCheckedConnector(rules, options), connections, pipelining: 1, keepAliveTimeout: 10_000 });
    const [oldest] = this.#pools.size < MOST_POOLS ? [] : this.#pools;
    if (oldest) {
      this.#pools.delete(oldest[0]);
      this.#close(oldest[1]);
    }
    this.#pools.set(rules, agent);
    return agent;
  }

  #close(agent: Agent): void {
    this.#closing.add(agent);
    const forget = () => this.#closing.delete(agent);
    void agent.close().then(forget, forget);
  }
}

class TenantDispatcher extends Dispatcher {
  readonly #dispatch: Dispatcher['dispatch'];

  constructor(dispatch: Dispatcher['dispatch']) {
    super();
    this.#dispatch = dispatch;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#dispatch(options, handler);
  }
}

import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { Connections, type ConnectionView, type TypedSecret } from '../../src/credentials/vault/connections.js';
import type { Visitor } from '../../src/credentials/vault/visitor.js';
import { GatewayError } from '../../src/errors/gateway.error.js';

type Kept = Pick<ConnectionView, 'state' | 'scopes' | 'connectedAt' | 'lastUsedAt'>;

/** The contract of `Connections` without a database and without a server: whoever comes back with a state and a code is connected. */
export class MemoryConnections {
  readonly kept = new Map<string, Kept>();
  readonly secrets = new Map<string, TypedSecret>();
  readonly begun = new Map<string, { readonly owner: string; readonly session: string; readonly name: string; readonly redirectUri: string }>();
  /** Thrown by the next change. */
  failure: Error | undefined;

  constructor(private readonly live: LiveConfiguration) {}

  /** Puts itself in the place of the application's own. */
  static replace(app: NestFastifyApplication): MemoryConnections {
    const memory = new MemoryConnections(app.get(LiveConfiguration));
    const own = app.get(Connections);
    for (const name of ['list', 'begin', 'complete', 'saveSecret', 'disconnect'] as const) Object.assign(own, { [name]: memory[name].bind(memory) });
    return memory;
  }

  async list(visitor: Visitor): Promise<readonly ConnectionView[]> {
    const { connections, apis } = this.live.current.settings;
    return connections.filter(({ tenant }) => tenant === visitor.tenant.name).map((connection) => ({
      name: connection.name,
      title: connection.title ?? connection.name,
      type: connection.type,
      kind: connection.type === 'secret' ? connection.kind : undefined,
      help: connection.type === 'secret' ? connection.help : undefined,
      apis: apis.filter((api) => api.tenant === visitor.tenant.name && api.credentials.some((link) => 'connection' in link && link.connection === connection.name)).map(({ name }) => name),
      ...(this.kept.get(keyOf(visitor, connection.name)) ?? { state: 'none', scopes: null, connectedAt: undefined, lastUsedAt: undefined }),
    }));
  }

  async begin(visitor: Visitor, name: string, session: string, redirectUri: string): Promise<URL> {
    const state = randomUUID();
    this.begun.set(state, { owner: keyOf(visitor, ''), session, name, redirectUri });
    return new URL(`https://tracker.example/authorize?client_id=gatehouse&scope=read%20write&state=${state}`);
  }

  async complete(visitor: Visitor, session: string, answer: URLSearchParams): Promise<string> {
    this.#fail();
    const state = answer.get('state') ?? '';
    const begun = this.begun.get(state);
    this.begun.delete(state);
    if (!begun || begun.session !== session || begun.owner !== keyOf(visitor, '')) throw new GatewayError({ code: 'invalid_state', status: 400 }, 'the answer belongs to no attempt of this session');
    if (!answer.has('code')) throw new GatewayError({ code: 'connection_refused', status: 400 }, `the server said no: ${answer.get('error') ?? ''}`);
    this.kept.set(keyOf(visitor, begun.name), { state: 'connected', scopes: ['read', 'write'], connectedAt: new Date(), lastUsedAt: undefined });
    return begun.name;
  }

  async saveSecret(visitor: Visitor, name: string, typed: TypedSecret): Promise<void> {
    this.#fail();
    this.secrets.set(keyOf(visitor, name), typed);
    this.kept.set(keyOf(visitor, name), { state: 'connected', scopes: null, connectedAt: new Date(), lastUsedAt: undefined });
  }

  async disconnect(visitor: Visitor, name: string): Promise<boolean | undefined> {
    this.#fail();
    this.kept.delete(keyOf(visitor, name));
    return name === 'tracker' ? true : undefined;
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
}

const keyOf = ({ tenant, caller }: Visitor, name: string): string => JSON.stringify([tenant.id, caller.issuer, caller.subject, name]);

import { createEgressAgent, type EgressAgent } from '@gatehouse-mcp/egress';
import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { isRecord, PeerError, type PeerRequest } from '../../catalog/servers/expected-answer.js';
import { MODERN } from '../../catalog/servers/mcp.revisions.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import type { ServerSettings } from '../../config/server.schema.js';
import type { CallContext } from '../../context/call-context.js';
import type { Credential } from '../../context/credential.js';
import { UpstreamError } from '../upstream.error.js';
import { ServerEras } from './server.eras.js';
import { askLegacy, askModern, endSession, initialize, ServerStatusError } from './server.exchange.js';
import { SessionMap, sessionKey, type ServerSession } from './session.map.js';
import type { Line } from './server.wire.js';

const SWEEP_MS = 60_000;
const UNSUPPORTED_VERSION = -32_022;
const NO_STREAMABLE = { code: 'upstream_unsupported', status: 502 };

/** A request to a server, and the schema of the tool that it calls, if it calls one. */
export type ServerRequest = Pick<PeerRequest, 'method' | 'params' | 'onProgress'> & { readonly inputSchema?: JsonObject | undefined };

/** How one caller reaches a server. */
interface Reach {
  readonly line: Line;
  readonly key: string;
}

/**
 * Speaks MCP over Streamable HTTP to other servers, in the era that each of them knows: a modern request stands for itself, legacy ones
 * have a session for each caller and credential. Nothing but the request goes out; redirects are not followed.
 */
@Injectable()
export class ServerClient implements OnApplicationShutdown {
  readonly #agent: EgressAgent;
  readonly #sessions = new SessionMap();
  readonly #eras = new ServerEras();
  readonly #timer = setInterval(() => this.#sessions.sweep(), SWEEP_MS).unref();

  constructor(live: LiveConfiguration) {
    this.#agent = createEgressAgent(() => live.current.egress);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#agent.destroy();
  }

  /** @throws PeerError in the server's words; ServerStatusError; UpstreamError for all else that is no result */
  async request(call: CallContext, settings: ServerSettings, credential: Credential | undefined, request: ServerRequest): Promise<JsonObject> {
    const reach = this.#reach(call, settings, credential);
    try {
      return await this.#send(reach, request);
    } catch (error) {
      // Neither has been looked at: the session is over, or the server has another version by now.
      const isOver = error instanceof ServerStatusError && error.httpStatus === 404 && this.#sessions.peek(reach.key) !== undefined;
      if (!isOver && !(error instanceof PeerError && error.rpcCode === UNSUPPORTED_VERSION)) throw error;
      this.#sessions.forget(reach.key, this.#sessions.peek(reach.key));
      this.#eras.forget(settings.url);
      return this.#send(reach, request);
    }
  }

  /** What the server says that it has. */
  async capabilities(call: CallContext, settings: ServerSettings, credential: Credential | undefined): Promise<object> {
    this.#eras.forget(settings.url);
    const reach = this.#reach(call, settings, credential);
    const declared = await this.#discover(reach);
    return declared ?? (await this.#session(reach)).capabilities;
  }

  async #send(reach: Reach, request: ServerRequest): Promise<JsonObject> {
    const known = this.#eras.find(reach.line.url);
    const isModern = known === undefined ? (await this.#discover(reach)) !== undefined : known === 'modern';
    if (isModern) return askModern(reach.line, request);
    return askLegacy(reach.line, await this.#session(reach), request);
  }

  /** @returns what a modern server declares; undefined for a legacy one, which does not know the question */
  async #discover({ line }: Reach): Promise<object | undefined> {
    try {
      const { supportedVersions, capabilities } = await askModern(line, { method: 'server/discover', params: {} });
      if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN)) return undefined;
      this.#eras.add(line.url, 'modern');
      return isRecord(capabilities) ? capabilities : {};
    } catch (error) {
      if (error instanceof PeerError || (error instanceof ServerStatusError && error.httpStatus !== 401 && error.httpStatus !== 403)) return undefined;
      throw error;
    }
  }

  async #session({ line, key }: Reach): Promise<ServerSession> {
    try {
      // Others of the same caller may wait for it, whatever becomes of this call.
      const open = () => initialize({ ...line, signal: AbortSignal.timeout(line.timeout) });
      const session = await this.#sessions.obtain(key, open, (ended) => void endSession(line, ended).catch(() => undefined));
      this.#eras.add(line.url, 'legacy');
      return session;
    } catch (error) {
      const isNone = error instanceof ServerStatusError && (error.httpStatus === 404 || error.httpStatus === 405);
      if (isNone) throw new UpstreamError(NO_STREAMABLE, `${error.message} to initialize: its url is no Streamable HTTP endpoint; HTTP+SSE of 2024-11-05 is not spoken to other servers`, false, error);
      throw error;
    }
  }

  #reach(call: CallContext, settings: ServerSettings, credential: Credential | undefined): Reach {
    const { name: server, url, timeout } = settings;
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeout)]);
    return { line: { server, url, timeout, signal, dispatcher: this.#agent.forTenant(call.tenant.name), placement: credential?.placement }, key: sessionKey(call, settings, credential) };
  }
}

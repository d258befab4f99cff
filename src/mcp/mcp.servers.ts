import type { IncomingHttpHeaders } from 'node:http';
import { ProtocolError, ProtocolErrorCode, type Resource, type ResourceTemplateType, Server, SUPPORTED_PROTOCOL_VERSIONS, type ServerOptions, type JSONRPCNotification, type JSONRPCRequest } from '@modelcontextprotocol/server';
import { Injectable, Logger } from '@nestjs/common';
import { UNKNOWN_ENTRY } from '../calls/call.gate.js';
import type { Entry } from '../catalog/entry.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { ToolViews } from '../policy/tool-views.js';
import type { Notifier } from './answer.js';
import { ApiResources, type LinkedAnswer } from './api.resources.js';
import { IDENTITY } from './call-tool-result.js';
import { readClientFacts, sessionIdFor, takesResourceLinks, type ClientFacts } from './client-facts.js';
import { createFindProfile, type FindProfile } from './client-profiles.js';
import { MODERN_VERSIONS } from './inbound-message.js';
import type { RawMember } from './json-rpc.js';
import { NativeHandlers, type NativeTarget } from './native.handlers.js';
import { SEARCH_INSTRUCTIONS } from './search-tools.js';
import { ToolHandlers } from './tool.handlers.js';

/** A list depends on the caller; a minute is also our revocation bound. */
const LISTED = { ttlMs: 60_000, cacheScope: 'private' } as const;
/** Nobody says how long what was read stays as it is. */
const READ = { ttlMs: 0, cacheScope: 'private' } as const;
const CACHE_HINTS = { 'tools/list': LISTED, 'resources/list': LISTED, 'resources/templates/list': LISTED, 'resources/read': READ, 'prompts/list': LISTED } as const;

/** Messages that a client gets instructions in answer to. */
const GREETINGS: ReadonlySet<string> = new Set(['initialize', 'server/discover']);

/** What is known of the client of an exchange, and what it is to be told. */
export interface Client extends ClientFacts {
  readonly instructions: string | undefined;
  /** Its revision has them. */
  readonly takesResourceLinks: boolean;
}

/** What was asked for and may be had, at most one of them; a message that the gate does not judge has none. */
export interface Admitted {
  readonly entry: Entry | undefined;
  readonly native: NativeTarget | undefined;
  readonly answer: LinkedAnswer | undefined;
}

/** What one exchange's handlers know and leave behind. */
export interface Exchange extends Admitted {
  readonly era: 'modern' | 'legacy';
  readonly call: CallContext;
  readonly client: Client;
  /** Where what is said before the result goes. */
  readonly notifier: Notifier;
  readonly message: JSONRPCRequest;
  /** What tells programs of one user and client apart. */
  readonly sessionId: unknown;
  raw: RawMember | undefined;
}

/** Makes the SDK's server of one exchange; never shared, so that no answer can reach another client. */
@Injectable()
export class McpServers {
  readonly #logger = new Logger(McpServers.name);
  #options: (Readonly<Record<'modern' | 'legacy', ServerOptions>> & { readonly settings: object }) | undefined;
  /** Made of the profiles of one revision. */
  #findProfile: { readonly configured: object; readonly find: FindProfile } | undefined;

  constructor(
    private readonly views: ToolViews,
    private readonly live: LiveConfiguration,
    private readonly tools: ToolHandlers,
    private readonly natives: NativeHandlers,
    private readonly answers: ApiResources,
  ) {}

  /** The `Mcp-Session-Id` to answer a legacy message with; undefined for all but `initialize`. */
  sessionIdFor(message: JSONRPCRequest | JSONRPCNotification): string | undefined {
    return sessionIdFor(message, this.#profiles);
  }

  async readClient(call: CallContext, era: 'modern' | 'legacy', message: JSONRPCRequest, headers: IncomingHttpHeaders): Promise<Client> {
    const facts = readClientFacts(era, message, headers['mcp-session-id'], this.#profiles);
    const isSearched = GREETINGS.has(message.method) && (await this.views.viewOf(call, facts.profile)).isSearched;
    return { ...facts, instructions: isSearched ? SEARCH_INSTRUCTIONS : undefined, takesResourceLinks: takesResourceLinks(headers['mcp-protocol-version']) };
  }

  /**
   * What must be settled before an answer begins.
   * @throws GatewayError of the gate, MissingRequiredClientCapabilityError for what the client did not declare
   */
  async admit(call: CallContext, era: 'modern' | 'legacy', message: JSONRPCRequest, client: Client): Promise<Admitted> {
    const answer = await this.answers.admit(call, message, client.profile);
    return { entry: await this.tools.admit(call, era, message, client), native: answer ? undefined : await this.natives.admit(call, message), answer };
  }

  create(exchange: Exchange): Server {
    const { instructions } = exchange.client;
    const server = new Server(IDENTITY, { ...this.#optionsOf(exchange.era), ...(instructions === undefined ? {} : { instructions }) });
    const translate = <T>(handle: () => Promise<T>): Promise<T> => this.#translate(exchange, handle);
    this.tools.register(server, exchange, translate);
    this.natives.register(server, exchange, translate);
    // Their own lists are MCP's; what is not the SDK refuses.
    server.setRequestHandler('resources/list', () => translate(async () => ({ resources: (await this.#listResources(exchange, false)) as Resource[] })));
    server.setRequestHandler('resources/templates/list', () => translate(async () => ({ resourceTemplates: (await this.#listResources(exchange, true)) as ResourceTemplateType[] })));
    server.setRequestHandler('resources/read', ({ params: { uri } }) => translate(() => (exchange.answer ? this.answers.read(exchange, uri, exchange.answer) : this.natives.read(exchange, uri))));
    return server;
  }

  async #listResources(exchange: Exchange, isTemplate: boolean): Promise<readonly unknown[]> {
    return [...(await this.natives.list(exchange, isTemplate)), ...(await this.answers.list(exchange, isTemplate))];
  }

  /** Made once for a revision, which may have other servers. */
  #optionsOf(era: 'modern' | 'legacy'): ServerOptions {
    const { settings } = this.live.current;
    if (this.#options?.settings === settings) return this.#options[era];
    this.#options = {
      settings,
      legacy: { capabilities: { tools: { listChanged: true }, ...this.natives.capabilities('legacy') }, supportedProtocolVersions: [...SUPPORTED_PROTOCOL_VERSIONS] },
      modern: { capabilities: { tools: { listChanged: true }, ...this.natives.capabilities('modern') }, supportedProtocolVersions: [...MODERN_VERSIONS], cacheHints: CACHE_HINTS },
    };
    return this.#options[era];
  }

  get #profiles(): FindProfile {
    const configured = this.live.current.settings.tools.profiles;
    if (this.#findProfile?.configured !== configured) this.#findProfile = { configured, find: createFindProfile(configured) };
    return this.#findProfile.find;
  }

  /** The SDK sends a thrown error's message as it is, so nothing but public messages may leave a handler. */
  async #translate<T>({ call }: Exchange, handle: () => Promise<T>): Promise<T> {
    try {
      return await handle();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (error instanceof GatewayError && error.code === UNKNOWN_ENTRY.code) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
      if (error instanceof GatewayError) throw new ProtocolError(ProtocolErrorCode.InternalError, error.message, { code: error.code });
      this.#logger.error({ msg: 'a message failed unexpectedly', requestId: call.requestId, err: error });
      throw new ProtocolError(ProtocolErrorCode.InternalError, `internal error; request ${call.requestId}`);
    }
  }
}

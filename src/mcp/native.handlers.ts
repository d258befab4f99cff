import { ArgumentError } from '@gatehouse-mcp/openapi-tools';
import { ProtocolError, ProtocolErrorCode, type GetPromptResult, type InputRequiredResult, type JSONRPCRequest, type ReadResourceResult, type Server, type ServerCapabilities } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { CallGate, UNKNOWN_ENTRY } from '../calls/call.gate.js';
import { CallRunner } from '../calls/call.runner.js';
import type { ClientLink } from '../calls/native.executor.js';
import { RequestStates } from '../calls/request-states.js';
import { InputNeeded } from '../catalog/native/native.definitions.js';
import { NativePrompt, NativeResource } from '../catalog/native/native.entry.js';
import { McpPrompt, McpResource } from '../catalog/servers/mcp.resource.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { missingScopes } from '../policy/policy.js';
import { NativeViews } from '../policy/native-view.js';
import { LogLevels } from './log.levels.js';
import type { Exchange } from './mcp.servers.js';
import { LegacySubscriptions, MOST_RESOURCES } from './streams/legacy.subscriptions.js';
import { askForInput, createLink, readCapabilities } from './native.link.js';

/** Most values of a completion (MCP, completion/complete). */
const MOST_VALUES = 100;

/** A resource or prompt that a message asks for, admitted. */
export interface NativeTarget {
  readonly entry: NativeResource | NativePrompt | McpResource | McpPrompt;
  readonly input: Readonly<Record<string, string>>;
}

/** Lists, reads and completes the resources and prompts that are written in TypeScript. */
@Injectable()
export class NativeHandlers {
  readonly #levels = new LogLevels();

  constructor(
    private readonly views: NativeViews,
    private readonly gate: CallGate,
    private readonly runner: CallRunner,
    private readonly states: RequestStates,
    private readonly subscriptions: LegacySubscriptions,
  ) {}

  /** What a server declares beside its tools. */
  capabilities(era: 'modern' | 'legacy'): ServerCapabilities {
    const { hasNatives, hasNativeResources, hasPrompts, hasCompletions } = this.views;
    return {
      // A result may link to one anywhere.
      resources: hasNativeResources ? { subscribe: true } : {},
      ...(hasPrompts ? { prompts: {} } : {}),
      ...(hasCompletions ? { completions: {} } : {}),
      // Only handlers of ours say anything, and in the modern era a request names its level itself.
      ...(hasNatives && era === 'legacy' ? { logging: {} } : {}),
    };
  }

  /**
   * What must be settled before an answer begins.
   * @returns undefined for a message that asks for neither
   * @throws GatewayError `unknown_entry`, `invalid_arguments`, or 403 with its challenge
   */
  async admit(call: CallContext, { method, params }: JSONRPCRequest): Promise<NativeTarget | undefined> {
    if (method === 'resources/read') return this.#admit(call, String(params?.['uri']), await this.views.findResource(call, String(params?.['uri'])), 'resource');
    if (method === 'prompts/get') return this.#admit(call, String(params?.['name']), findPrompt(await this.views.promptsOf(call), params?.['name'], params?.['arguments']), 'prompt');
    return undefined;
  }

  register(server: Server, exchange: Exchange, translate: <T>(handle: () => Promise<T>) => Promise<T>): void {
    const { call, era, sessionId } = exchange;
    if (era === 'legacy' && this.views.hasNatives) {
      server.setRequestHandler('logging/setLevel', ({ params }) => {
        this.#levels.set(call, sessionId, params.level);
        return {};
      });
    }
    if (this.views.hasNativeResources && era === 'legacy') {
      server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => this.#subscribe(exchange, uri));
      server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
        this.subscriptions.delete(call, sessionId, uri);
        return {};
      });
    }
    if (this.views.hasPrompts) {
      server.setRequestHandler('prompts/list', async () => ({ prompts: (await this.views.promptsOf(call)).map(({ listed: json }) => JSON.parse(json)) }));
      server.setRequestHandler('prompts/get', () => translate(() => this.#get(exchange)));
    }
    if (this.views.hasCompletions) {
      server.setRequestHandler('completion/complete', ({ params: { ref, argument, context } }) =>
        translate(async () => {
          const entry = ref.type === 'ref/prompt' ? (await this.views.promptsOf(call)).find(({ name }) => name === ref.name) : (await this.views.resourcesOf(call)).find(({ uri }) => uri === ref.uri);
          if (!entry || missingScopes(call.caller, entry).length > 0) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'there is nothing of this name to complete for');
          if (entry instanceof McpResource || entry instanceof McpPrompt) return { completion: { ...(await this.runner.complete(call, entry, argument, context?.arguments ?? {})) } };
          return { completion: toCompletion(await this.runner.suggest(call, entry, argument, context?.arguments ?? {})) };
        }),
      );
    }
  }

  /** The members of resources/list, or of resources/templates/list. */
  async list({ call }: Exchange, isTemplate: boolean): Promise<readonly unknown[]> {
    const resources = await this.views.resourcesOf(call);
    return resources.filter((entry) => entry.isTemplate === isTemplate).map(({ listed }): unknown => JSON.parse(listed));
  }

  async read(exchange: Exchange, uri: string): Promise<ReadResourceResult | InputRequiredResult> {
    const { native } = exchange;
    if (native?.entry instanceof McpResource) return (await this.#run(exchange, native)) as ReadResourceResult;
    if (!(native?.entry instanceof NativeResource)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'resources/read needs the uri of a resource');
    const result = await this.#run(exchange, native);
    return result instanceof InputNeeded ? this.ask(exchange, native.entry.name, result) : { contents: toContents(uri, native.entry, result) };
  }

  isResource(call: CallContext, uri: string): boolean {
    return this.views.findNative(call, uri) !== undefined;
  }

  /** What a handler can know of its client and say to it. */
  async link({ era, call, sessionId, message, notifier }: Exchange, entry: string): Promise<ClientLink> {
    const sealed = message.params?.['requestState'];
    const state = typeof sealed === 'string' ? await this.states.open(call, entry, sealed) : undefined;
    return createLink(message, notifier, state, era === 'legacy' ? this.#levels.of(call, sessionId) : undefined);
  }

  /** What a handler needs first, with its state sealed for this user and entry. */
  async ask({ call, message }: Exchange, entry: string, needed: InputNeeded): Promise<InputRequiredResult> {
    return askForInput(needed, readCapabilities(message), needed.state === undefined ? undefined : await this.states.seal(call, entry, needed.state));
  }

  async #admit(call: CallContext, wanted: string, target: NativeTarget | undefined, kind: 'resource' | 'prompt'): Promise<NativeTarget> {
    if (!target) return this.gate.refuse(call, { tool: wanted }, new GatewayError(UNKNOWN_ENTRY, `there is no such ${kind}`));
    await this.gate.assertScopes(call, target.entry, { tool: target.entry.name, arguments: target.input });
    return target;
  }

  #subscribe({ call, sessionId }: Exchange, uri: string): Record<string, never> {
    if (!this.isResource(call, uri)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'there is no such resource', { uri });
    if (!this.subscriptions.add(call, sessionId, uri)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `at most ${MOST_RESOURCES} resources can be subscribed to`);
    return {};
  }

  async #get(exchange: Exchange): Promise<GetPromptResult | InputRequiredResult> {
    const { native } = exchange;
    if (native?.entry instanceof McpPrompt) return (await this.#run(exchange, native)) as GetPromptResult;
    if (!(native?.entry instanceof NativePrompt)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'prompts/get needs the name of a prompt');
    const result = await this.#run(exchange, native);
    if (result instanceof InputNeeded) return this.ask(exchange, native.entry.name, result);
    // Its author's messages are MCP's; what is not the SDK refuses.
    const messages = typeof result === 'string' ? [{ role: 'user', content: { type: 'text', text: result } }] : result;
    return { messages: messages as GetPromptResult['messages'] };
  }

  async #run(exchange: Exchange, { entry, input }: NativeTarget): Promise<unknown> {
    return this.runner.get(exchange.call, entry, input, await this.link(exchange, entry.name));
  }
}

/** @throws ProtocolError -32602 that names the argument */
function findPrompt(prompts: readonly (NativePrompt | McpPrompt)[], wanted: unknown, args: unknown): NativeTarget | undefined {
  const entry = prompts.find(({ name }) => name === wanted);
  return entry && { entry, input: readPromptArguments(entry, args) };
}

function readPromptArguments(entry: NativePrompt | McpPrompt, args: unknown): Readonly<Record<string, string>> {
  try {
    return entry.readArguments(typeof args === 'object' && args !== null ? { ...args } : {});
  } catch (error) {
    if (error instanceof ArgumentError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    throw error;
  }
}

/** @returns text, bytes and lists of contents as MCP has them */
function toContents(uri: string, { definition: { mimeType } }: NativeResource, result: unknown): ReadResourceResult['contents'] {
  const common = { uri, ...(mimeType === undefined ? {} : { mimeType }) };
  if (typeof result === 'string') return [{ ...common, text: result }];
  if (result instanceof Uint8Array) return [{ ...common, blob: Buffer.from(result).toString('base64') }];
  // Its author's contents are MCP's; what is not the SDK refuses.
  return result as ReadResourceResult['contents'];
}

/** How many there are behind the last is not said: whoever suggests them need not have looked. */
const toCompletion = (values: readonly string[]) =>
  values.length > MOST_VALUES ? { values: values.slice(0, MOST_VALUES), hasMore: true } : { values: [...values], total: values.length, hasMore: false };

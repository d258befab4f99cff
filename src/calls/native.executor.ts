import type { ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import { InputNeeded, type NativeCall, type NativeServices } from '../catalog/native/native.definitions.js';
import { NativeDatabase } from '../catalog/native/native.database.js';
import type { NativeEntry, NativePrompt, NativeResource, NativeTool } from '../catalog/native/native.entry.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { ApiClient } from './api.client.js';
import { CallCache } from './call.cache.js';
import type { Trace } from './openapi.executor.js';

const TOO_LATE = { code: 'native_timeout', status: 504 };
const TOO_LARGE = { code: 'native_result_too_large', status: 502 };
const GARBAGE = { code: 'native_result', status: 502 };

/** Longest that a handler may take, in milliseconds. */
const LONGEST = 30_000;
/** Most characters of a result, as it is sent. */
const LARGEST = 4 * 1024 * 1024;
/** The same for a resource, which may be as large as the whole of an API's answer: 10 MB, as base64. */
const LARGEST_RESOURCE = 14 * 1024 * 1024;

/** What a client types for an argument. */
export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** What a call's client can do, has answered, and is told: the parts of a native call that are not its context. */
export interface ClientLink extends Omit<NativeCall, keyof CallContext | keyof NativeServices> {
  /** Whether the client asked for progress. */
  readonly wantsProgress: boolean;
}

/** Runs entries that are methods written in TypeScript. */
@Injectable()
export class NativeExecutor {
  constructor(
    private readonly database: NativeDatabase,
    private readonly apis: ApiClient,
    private readonly caches: CallCache,
  ) {}

  /** @throws ArgumentError whose message lets a model repair its call */
  async prepare(tool: NativeTool, args: unknown): Promise<unknown> {
    return tool.readArguments(args);
  }

  async callTool(call: CallContext, tool: NativeTool, input: unknown, link: ClientLink, trace: Trace): Promise<ToolResult | InputNeeded> {
    const result = await this.handle(call, tool, input, link, trace);
    return result instanceof InputNeeded ? result : toToolResult(tool.name, result);
  }

  /** @throws GatewayError when it takes too long, or brings too much; whatever the handler throws */
  async handle(call: CallContext, entry: NativeEntry, input: unknown, link: ClientLink, trace: Trace): Promise<unknown> {
    const result = await this.#within(call, entry, trace, (given) => entry.handle(input, { ...given, ...link }));
    if (!(result instanceof InputNeeded) && lengthOf(result) > (entry.kind === 'resource' ? LARGEST_RESOURCE : LARGEST)) throw new GatewayError(TOO_LARGE, `the result of ${entry.name} is too large`);
    return result;
  }

  /** @returns what an entry suggests for an argument or a variable of its own */
  async suggest(call: CallContext, entry: NativeResource | NativePrompt, argument: Argument, others: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const suggest = Object.hasOwn(entry.completions, argument.name) ? entry.completions[argument.name] : undefined;
    if (!suggest) return [];
    return this.#within(call, entry, { actor: null, scopes: null, upstreamStatus: null }, (given) => suggest(argument.value, given, others));
  }

  async #within<Result>(call: CallContext, { name, group }: NativeEntry, trace: Trace, use: (given: CallContext & NativeServices) => Result | Promise<Result>): Promise<Result> {
    const limit = new AbortController();
    const signal = AbortSignal.any([call.signal, limit.signal]);
    const late = Promise.withResolvers<never>();
    const giveUp = (): void => late.reject(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    // What waited for half a minute behind each call would be most of the memory of many calls.
    const timer = setTimeout(() => limit.abort(new GatewayError(TOO_LATE, `${name} took longer than ${LONGEST / 1_000} s`)), LONGEST);
    const own = { ...call, signal };
    const services: NativeServices = {
      database: (work) => this.database.transact(own, work),
      fetch: (api, path, request = {}) => this.apis.fetch(own, api, path, request, trace),
      cache: this.caches.of(own, group),
    };
    try {
      return await Promise.race([(async () => use({ ...own, ...services }))(), late.promise]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }
}

/** Bytes are sent in base64, all else as JSON. */
const lengthOf = (result: unknown): number => (result instanceof Uint8Array ? Math.ceil(result.length / 3) * 4 : (JSON.stringify(result)?.length ?? 0));

/** What a handler of a tool may bring: a text, MCP's content, or an object, which is structured content. */
function toToolResult(name: string, result: unknown): ToolResult {
  if (typeof result === 'string') return { content: [{ type: 'text', text: result }], isError: false };
  if (typeof result !== 'object' || result === null || Array.isArray(result)) throw new GatewayError(GARBAGE, `${name} brought no result`);
  const { content, isError = false } = result as { readonly content?: unknown; readonly isError?: unknown };
  // Its author's content is MCP's; what is not the SDK refuses.
  if (Array.isArray(content)) return { content: content as ToolResult['content'], isError: isError === true };
  const structuredJson = JSON.stringify(result);
  return { content: [{ type: 'text', text: structuredJson }], structuredJson, isError: false };
}


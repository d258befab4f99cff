import { createEgressAgent, Egress, EgressPolicy, hostAndPort, type EgressAgent } from '@gatehouse-mcp/egress';
import { ArgumentError, bindRequest, DocumentError, readWhole, shapeOptionsOf, shapeResult, type CompiledOperation, type HttpRequest, type JsonObject, type LinkAnswer, type ShapeOptions, type ToolResult, type WholeAnswer } from '@gatehouse-mcp/openapi-tools';
import { searchTermsOf } from '../catalog/search-terms.js';
import { GatewayError } from '../errors/gateway.error.js';
import { ToolIndex } from '../policy/tool-index.js';
import { pageAt, paginate, type ToolPage } from '../policy/tool-pages.js';
import type { CollectedAnswer } from '../upstream/answer.collector.js';
import { exchange } from '../upstream/wire.js';
import { isSafe } from '../catalog/safe-operation.js';

/** What the person who runs a local server has approved. */
export interface LocalUpstream {
  /** Title of the document, for messages. */
  readonly api: string;
  /** Stands for the document's default server. */
  readonly baseUrl?: string;
  /** Origins that may be called; nothing else is, whatever the document says. */
  readonly origins: ReadonlySet<string>;
  /** Headers of every request, as name and value, read from the person's own environment. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Milliseconds for one call. */
  readonly timeout: number;
}

/** How the tools are shown. */
export interface LocalList {
  /** Number of tools above which the list is that of the search; false: never. */
  readonly searchAbove: number | false;
  /** Whose limits the tools keep. */
  readonly profile: string;
}

/** The tools of one document for one person: no tenants, no policy, no audit; the same compiler, requests and results. */
export class LocalTools {
  readonly #tools: ReadonlyMap<string, CompiledOperation>;
  readonly #upstream: LocalUpstream;
  readonly #agent: EgressAgent;
  readonly #shaping = new Map<string, ShapeOptions>();
  readonly profile: string;
  /** Whether tools are found by a search, because there are more of them than a list should have. */
  readonly isSearched: boolean;
  #pages: ReadonlyMap<string, ToolPage> | undefined;
  #index: ToolIndex | undefined;

  constructor(operations: readonly CompiledOperation[], upstream: LocalUpstream, { searchAbove, profile }: LocalList) {
    this.profile = profile;
    this.isSearched = searchAbove !== false && operations.length > searchAbove;
    this.#tools = new Map(operations.map((compiled) => [compiled.operation.name, compiled]));
    this.#upstream = upstream;
    const egress = new Egress(new EgressPolicy([...upstream.origins].map((origin) => hostAndPort(new URL(origin)))));
    this.#agent = createEgressAgent(() => egress);
  }

  /** @param cursor as an earlier page gave it; undefined for the first @returns undefined for a cursor that is none */
  page(cursor: string | undefined): ToolPage | undefined {
    this.#pages ??= paginate([...this.#tools].map(([name, compiled]) => ({ name, json: compiled.toolJson(name) })), this.#upstream.api);
    return pageAt(this.#pages, cursor);
  }

  /** The tools that fit the query, the best first. */
  search(query: string, limit: number): readonly CompiledOperation[] {
    const tools = [...this.#tools.values()];
    this.#index ??= new ToolIndex(tools.map((compiled) => searchTermsOf(compiled.operation.name, compiled)));
    return this.#index.search(query, limit).flatMap(({ position }) => tools[position] ?? []);
  }

  /** The tool's JSON as a list has it. */
  describe(name: string): string | undefined {
    return this.#tools.get(name)?.toolJson(name);
  }

  has(name: string): boolean {
    return this.#tools.has(name);
  }

  /**
   * Calls a tool; whatever goes wrong is a result with `isError` that says so.
   * @param link where {@link read} can be had of the same answer
   */
  async call(name: string, args: JsonObject, signal: AbortSignal, link: LinkAnswer = () => undefined): Promise<ToolResult> {
    const compiled = this.#tools.get(name);
    if (compiled === undefined) return failure(`There is no tool "${name}".`);
    const sent = await this.#send(compiled, args, signal);
    if ('error' in sent) return failure(sent.error);
    const shaping = this.#shapingOf(compiled);
    return shapeResult(sent, isSafe(compiled.operation) ? { ...shaping, link } : shaping);
  }

  /** Calls a tool for its whole answer; undefined for one that there is not, or whose call is more than reading. */
  async read(name: string, args: JsonObject, signal: AbortSignal): Promise<WholeAnswer | undefined> {
    const compiled = this.#tools.get(name);
    if (compiled === undefined || !isSafe(compiled.operation)) return undefined;
    const sent = await this.#send(compiled, args, signal);
    return 'error' in sent ? sent : readWhole(sent, this.#shapingOf(compiled));
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #prepare(compiled: CompiledOperation, args: JsonObject): HttpRequest {
    const checked = compiled.validate(args);
    if (!checked.ok) throw new ArgumentError(checked.message);
    const { baseUrl, origins } = this.#upstream;
    const request = bindRequest(compiled, checked.args, baseUrl === undefined ? {} : { baseUrl });
    if (!origins.has(request.url.origin)) throw new ArgumentError(`${request.url.origin} is no server of this document and was not named with --base-url.`);
    return request;
  }

  /** @returns the answer, or why there is none */
  async #send(compiled: CompiledOperation, args: JsonObject, signal: AbortSignal): Promise<CollectedAnswer | { readonly error: string }> {
    const { api, timeout, headers } = this.#upstream;
    try {
      const request = this.#prepare(compiled, args);
      const answer = await exchange(this.#agent, { ...request, headers: mergeHeaders(request.headers, headers) }, { api, timeout, signal });
      if (answer.status < 300 || answer.status >= 400 || answer.status === 304) return answer;
      return { error: `${api} answered with a redirect (${answer.status}), which is not followed.` };
    } catch (error) {
      if (error instanceof ArgumentError || error instanceof GatewayError || error instanceof DocumentError) return { error: error.message };
      throw error;
    }
  }

  #shapingOf(compiled: CompiledOperation): ShapeOptions {
    const { name } = compiled.operation;
    const shaping = this.#shaping.get(name) ?? shapeOptionsOf(compiled);
    this.#shaping.set(name, shaping);
    return shaping;
  }
}

/** The person's headers win over those of arguments; cookies of both go in one field (RFC 6265 §5.4). */
function mergeHeaders(bound: HttpRequest['headers'], own: LocalUpstream['headers']): HttpRequest['headers'] {
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const cookies = [...bound, ...own].filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value);
  const merged = [...bound.filter(([name]) => !names.has(name)), ...own].filter(([name]) => name.toLowerCase() !== 'cookie');
  return cookies.length === 0 ? merged : [...merged, ['cookie', cookies.join('; ')]];
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

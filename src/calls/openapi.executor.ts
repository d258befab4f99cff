import { ArgumentError, bindRequest, readWhole, shapeResult, type HttpRequest, type JsonObject, type LinkAnswer, type ToolResult, type WholeAnswer } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import type { OpenapiEntry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import { CredentialChain } from '../credentials/credential.chain.js';
import { heldScopes } from '../policy/policy.js';
import type { CollectedAnswer } from '../upstream/answer.collector.js';
import { UpstreamClient } from '../upstream/upstream.client.js';
import { UpstreamError } from '../upstream/upstream.error.js';
import { judgeGrant } from './grant.js';

const REDIRECT = { code: 'upstream_redirect', status: 502 };

/** What an executed call leaves for its audit outcome, filled in as the call proceeds. */
export interface Trace {
  actor: string | null;
  scopes: readonly string[] | null;
  upstreamStatus: number | null;
}

/** Runs entries that are operations of an OpenAPI document. */
@Injectable()
export class OpenapiExecutor {
  constructor(
    private readonly credentials: CredentialChain,
    private readonly upstream: UpstreamClient,
  ) {}

  /**
   * Everything that can be said without the network: arguments against the schema, and the request they make.
   * @throws ArgumentError whose message lets a model repair its call
   */
  prepare({ compiled, api }: OpenapiEntry, args: JsonObject): HttpRequest {
    const validation = compiled.validate(args);
    if (!validation.ok) throw new ArgumentError(validation.message);
    const { baseUrl } = api.settings;
    return bindRequest(compiled, validation.args, baseUrl === undefined ? {} : { baseUrl });
  }

  /** @param link where the whole of an answer can be read */
  async execute(call: CallContext, entry: OpenapiEntry, request: HttpRequest, trace: Trace, link: LinkAnswer | undefined): Promise<ToolResult> {
    const answer = await this.#send(call, entry, request, trace);
    return shapeResult(answer, link ? { ...entry.shaping, link } : entry.shaping);
  }

  /** The same without the bounds of a result. */
  async read(call: CallContext, entry: OpenapiEntry, request: HttpRequest, trace: Trace): Promise<WholeAnswer> {
    return readWhole(await this.#send(call, entry, request, trace), entry.shaping);
  }

  async #send(call: CallContext, entry: OpenapiEntry, request: HttpRequest, trace: Trace): Promise<CollectedAnswer> {
    const { settings } = entry.api;
    this.upstream.assertApproved(settings, request);
    const asked = heldScopes(call.caller, entry);
    const credential = await this.credentials.obtain(call, settings, asked);
    trace.actor = credential.actor;
    trace.scopes = credential.scopes;
    await judgeGrant(call, entry, asked, credential);
    const first = await this.upstream.send(call, settings, request, credential);
    trace.upstreamStatus = first.status;
    const answer = await this.#renew(call, entry, request, credential, first, trace);
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
      throw new UpstreamError(REDIRECT, `API "${settings.name}" answered with a redirect (${answer.status}), which is not followed`, true);
    }
    return answer;
  }

  /** A token that the API no longer takes is given up. Where the call may be repeated it is, once, with another token. */
  async #renew(call: CallContext, entry: OpenapiEntry, request: HttpRequest, { evict }: Credential, answer: CollectedAnswer, trace: Trace): Promise<CollectedAnswer> {
    if (answer.status !== 401 || !evict) return answer;
    evict();
    if (!isIdempotent(request) || wantsNewSignIn(answer)) return answer;
    const { settings } = entry.api;
    const asked = heldScopes(call.caller, entry);
    const credential = await this.credentials.obtain(call, settings, asked);
    trace.scopes = credential.scopes;
    await judgeGrant(call, entry, asked, credential);
    const second = await this.upstream.send(call, settings, request, credential);
    trace.upstreamStatus = second.status;
    if (second.status === 401) credential.evict?.();
    return second;
  }
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** RFC 9110 §9.2.2. Of no other request is it known that doing it twice does no more than once, whatever a document says. */
const isIdempotent = ({ method }: HttpRequest): boolean => IDEMPOTENT.has(method.toUpperCase());

/** Continuous access evaluation: another token for the same sign-in is refused again. */
const wantsNewSignIn = ({ headers }: CollectedAnswer): boolean => /error="?insufficient_claims/.test(String(headers['www-authenticate'] ?? ''));

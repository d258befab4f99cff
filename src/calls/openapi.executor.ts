import { ArgumentError, bindRequest, readWhole, shapeResult, type HttpRequest, type JsonObject, type LinkAnswer, type ToolResult, type WholeAnswer } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import type { OpenapiEntry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import { CredentialChain } from '../credentials/credential.chain.js';
import { GatewayError } from '../errors/gateway.error.js';
import { heldScopes, isHeldByName, lackingScopes } from '../policy/policy.js';
import type { CollectedAnswer } from '../upstream/answer.collector.js';
import { UpstreamClient } from '../upstream/upstream.client.js';
import { UpstreamError } from '../upstream/upstream.error.js';

const REFUSED_GRANT = { code: 'exchange_scope', status: 502 };
const STEP_UP = { code: 'insufficient_scope', status: 403 };
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

/** A token that cannot do the call is not tried; one that can do more than was asked for is not used. */
async function judgeGrant(call: CallContext, entry: OpenapiEntry, asked: readonly string[], { scopes, isNarrowed, actor, explainLack }: Credential): Promise<void> {
  if (!scopes) return;
  const api = entry.api.settings.name;
  const extra = isNarrowed ? scopes.filter((scope) => entry.api.scopes.includes(scope) && !asked.includes(scope)) : [];
  if (extra.length > 0) throw new GatewayError(REFUSED_GRANT, `the token for API "${api}" was granted more than was asked for (${extra.join(' ')})`);
  const lacking = lackingScopes(entry, scopes);
  if (lacking.length === 0) return;
  if (explainLack) throw await explainLack(lacking);
  const fault = `the token for API "${api}" was not granted ${lacking.join(' ')}, which this operation needs`;
  if (!isNarrowed) throw new GatewayError(REFUSED_GRANT, `${fault}; it has to be allowed to ${actor ?? 'the credential'} first`);
  throw new GatewayError(STEP_UP, `${fault}: the identity provider left it out. ${adviseStepUp(call, entry, lacking)}`);
}

/** What its reader can do about scopes that the server did not give for the caller. */
function adviseStepUp({ caller }: CallContext, entry: OpenapiEntry, lacking: readonly string[]): string {
  const names = lacking.join(' ');
  // What stands for it here is held already, so that another sign-in brings no more.
  if (caller.kind === 'machine' || !lacking.every((scope) => isHeldByName(entry, scope))) return `Ask an administrator of provider "${caller.provider}" to allow you ${names}`;
  return `Sign in again with the scope ${names}; if it is left out again, ask an administrator of provider "${caller.provider}" to allow it to you`;
}

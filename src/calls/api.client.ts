import { isSettableHeader, pathValueProblem, type HttpRequest } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import { Catalogs } from '../catalog/catalogs.js';
import { OpenapiEntry } from '../catalog/entry.js';
import type { ApiRequest } from '../catalog/native/native.definitions.js';
import type { CallContext } from '../context/call-context.js';
import { CredentialChain } from '../credentials/credential.chain.js';
import { GatewayError } from '../errors/gateway.error.js';
import { heldScopes } from '../policy/policy.js';
import type { CollectedAnswer } from '../upstream/answer.collector.js';
import { UpstreamClient } from '../upstream/upstream.client.js';
import { assertNotWider } from './grant.js';
import type { Trace } from './openapi.executor.js';

const UNKNOWN_API = { code: 'unknown_api', status: 500 };
const BAD_PATH = { code: 'invalid_path', status: 500 };

/** Answers that have no body (Fetch, null body status). */
const BODILESS = new Set([204, 205, 304]);
/** What a handler may say of its request besides headers of the API's own. */
const CONTENT = /^(?:accept|accept-language|content-type)$/i;

/** Requests that entries written in TypeScript make to the tenant's APIs: as the caller, by the API's own credential chain. */
@Injectable()
export class ApiClient {
  constructor(
    private readonly catalogs: Catalogs,
    private readonly credentials: CredentialChain,
    private readonly upstream: UpstreamClient,
  ) {}

  /**
   * @param name of an API of the caller's tenant
   * @param path behind the API's base URL, from its `/` on, with its query
   * @returns whatever the API answered, redirects included
   * @throws GatewayError for an API or a path that is none, a credential that cannot be had, or an API without an answer
   */
  async fetch(call: CallContext, name: string, path: string, init: ApiRequest, trace: Trace): Promise<Response> {
    const { entries } = await this.catalogs.of(call.tenant);
    const entry = entries.find((one): one is OpenapiEntry => one instanceof OpenapiEntry && one.group === name);
    const { settings } = entry?.api ?? {};
    const base = settings && entry?.compiled.serverBase(settings.baseUrl);
    if (!entry || !settings || !base) throw new GatewayError(UNKNOWN_API, `there is no API "${name}" here that can be called`);
    const request = readRequest(base, path, init);
    this.upstream.assertApproved(settings, request);
    const asked = heldScopes(call.caller, entry);
    const credential = await this.credentials.obtain(call, settings, asked);
    trace.actor = credential.actor;
    trace.scopes = credential.scopes;
    assertNotWider(entry, asked, credential);
    const answer = await this.upstream.send(call, settings, request, credential);
    trace.upstreamStatus = answer.status;
    if (answer.status === 401) credential.evict?.();
    return toResponse(answer);
  }
}

function readRequest(base: { readonly origin: string; readonly path: string }, path: string, { method = 'GET', headers = {}, body }: ApiRequest): HttpRequest {
  const [pathname = ''] = path.split(/[?#]/, 1);
  const problem = pathname.startsWith('/') ? pathValueProblem(pathname) : 'does not begin with "/"';
  if (problem !== undefined) throw new GatewayError(BAD_PATH, `the path of a request ${problem}`);
  const reserved = Object.keys(headers).find((name) => !CONTENT.test(name) && !isSettableHeader(name));
  if (reserved !== undefined) throw new GatewayError(BAD_PATH, `the header ${reserved} is not a handler's to set`);
  return {
    method: method.toUpperCase(),
    url: new URL(base.origin + base.path + path),
    headers: Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]),
    ...(body === undefined ? {} : { body }),
  };
}

function toResponse({ status, headers, body }: CollectedAnswer): Response {
  const shown = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value ?? []].flat()) shown.append(name, one);
  // What was decoded is not encoded any more.
  shown.delete('content-encoding');
  return new Response(BODILESS.has(status) ? null : new Uint8Array(body), { status, headers: shown });
}

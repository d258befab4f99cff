import { createEgressAgent, type EgressAgent } from '@gatehouse-mcp/egress';
import type { HttpRequest } from '@gatehouse-mcp/openapi-tools';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import type { CollectedAnswer } from './answer.collector.js';
import { placeCredential } from './credential.placement.js';
import { UpstreamError } from './upstream.error.js';
import { DENIED, exchange } from './wire.js';

/** The wire for the callers of a tenant: checked egress by the live configuration, and the credential obtained for the call. */
@Injectable()
export class UpstreamClient implements OnApplicationShutdown {
  readonly #agent: EgressAgent;

  constructor(private readonly live: LiveConfiguration) {
    this.#agent = createEgressAgent(() => live.current.egress);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /**
   * An operation may have a server of its own beside the API's `baseUrl`. The caller's credential goes there only when the
   * operator listed that host: a document must not choose who gets a token.
   * @throws UpstreamError `egress_denied` naming the host
   */
  assertApproved({ name, tenant, baseUrl }: ApiSettings, { url }: HttpRequest): void {
    if (baseUrl === undefined || url.origin === new URL(baseUrl).origin) return;
    if (this.live.current.egress.rulesOf(tenant).policy.listsHost(url.hostname, Number(url.port) || (url.protocol === 'https:' ? 443 : 80))) return;
    throw new UpstreamError(DENIED, `API "${name}": the operation has a server of its own, ${url.host}, which egress.allow does not list`, false);
  }

  /** @throws UpstreamError when there is no answer, or one that is too large */
  async send(call: CallContext, { name, timeout }: ApiSettings, request: HttpRequest, { placement }: Credential): Promise<CollectedAnswer> {
    return exchange(this.#agent.forTenant(call.tenant.name), placement ? placeCredential(request, placement) : request, { api: name, timeout, signal: call.signal });
  }
}

import { Injectable } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import { mcpPath } from '../config/protected-resource.js';
import { audiencesOf, basicScopesOf } from '../config/provider-identity.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import { GatewayError } from '../errors/gateway.error.js';
import { describeDoor } from './door.js';
import { ProviderMetadata } from './provider-metadata.js';
import { StrategyParts } from './strategy-parts.js';

/** What an endpoint of the provider answered. */
export interface ForwardedAnswer {
  readonly status: number;
  readonly body: unknown;
}

const NOT_FOUND = new GatewayError({ code: 'not_found', status: 404 }, 'there is no such resource');

/** Members of an authorization server's metadata that are about endpoints of ours, or would contradict the issuer that we name. */
const OWN_MEMBERS = ['issuer', 'signed_metadata', 'token_endpoint', 'registration_endpoint', 'authorization_response_iss_parameter_supported', 'mtls_endpoint_aliases'];

/**
 * The one provider with `legacyDiscovery: true` as seen by clients that take the gateway for the authorization server. People sign in at
 * the provider itself; codes and tokens pass through `/token`, which neither keeps nor logs them.
 */
@Injectable()
export class LegacyDiscovery {
  readonly #metadata: ProviderMetadata;

  constructor(
    private readonly live: LiveConfiguration,
    private readonly parts: StrategyParts,
  ) {
    this.#metadata = new ProviderMetadata(parts, 'legacy discovery');
  }

  /** RFC 8414 §3.2: the provider's document with our issuer and our token and registration endpoints. @throws GatewayError 404, 503 */
  async metadata(publicUrl: string, tenant: string | undefined, toolset?: string): Promise<object> {
    const { id, settings } = this.#provider(tenant, toolset);
    const { document, registrationEndpoint } = await this.#metadata.read(id, settings);
    const kept = Object.fromEntries(Object.entries(document).filter(([name]) => !OWN_MEMBERS.includes(name)));
    const issuer = tenant === undefined && toolset === undefined ? publicUrl : publicUrl + mcpPath(tenant, toolset);
    return {
      ...kept,
      issuer,
      authorization_endpoint: `${publicUrl}/authorize`,
      token_endpoint: `${publicUrl}/token`,
      ...(registrationEndpoint === undefined ? {} : { registration_endpoint: `${publicUrl}/register` }),
    };
  }

  /** The provider's own sign-in page, with the resource that old clients do not know to ask for. */
  async authorizationUrl(publicUrl: string, query: Readonly<Record<string, string | string[]>>): Promise<string> {
    const { id, settings } = this.#provider(undefined);
    const { authorizationEndpoint } = await this.#metadata.read(id, settings);
    if (authorizationEndpoint === undefined) throw NOT_FOUND;
    const url = new URL(authorizationEndpoint);
    for (const [name, values] of Object.entries(query)) for (const value of [values].flat()) url.searchParams.append(name, value);
    const wanted = { resource: publicUrl + mcpPath(undefined), scope: basicScopesOf([settings]).join(' '), ...(settings.preset === 'auth0' ? { audience: audiencesOf(settings)[0] ?? '' } : {}) };
    for (const [name, value] of Object.entries(wanted)) if (!url.searchParams.has(name) && value !== '') url.searchParams.set(name, value);
    return url.href;
  }

  /** @param form of `application/x-www-form-urlencoded`, as it came */
  async token(form: unknown, authorization: string | undefined): Promise<ForwardedAnswer> {
    const { id, settings } = this.#provider(undefined);
    const { tokenEndpoint } = await this.#metadata.read(id, settings);
    if (tokenEndpoint === undefined) throw NOT_FOUND;
    if (typeof form !== 'string') throw new GatewayError({ code: 'invalid_request', status: 415 }, 'send application/x-www-form-urlencoded (RFC 6749 §4.1.3)');
    return this.#forward(id, tokenEndpoint, { 'content-type': 'application/x-www-form-urlencoded', ...(authorization === undefined ? {} : { authorization }) }, form);
  }

  /** Dynamic client registration (RFC 7591), where the provider has it. */
  async register(client: unknown): Promise<ForwardedAnswer> {
    const { id, settings } = this.#provider(undefined);
    const { registrationEndpoint } = await this.#metadata.read(id, settings);
    if (registrationEndpoint === undefined) throw NOT_FOUND;
    if (typeof client !== 'object' || client === null) throw new GatewayError({ code: 'invalid_request', status: 415 }, 'send application/json (RFC 7591 §3.1)');
    return this.#forward(id, registrationEndpoint, { 'content-type': 'application/json' }, JSON.stringify(client));
  }

  #provider(tenant: string | undefined, toolset?: string): { readonly id: string; readonly settings: ProviderSettings } {
    const live = this.live.current.settings;
    const [id, settings] = Object.entries(live.providers).find(([, provider]) => 'legacyDiscovery' in provider && provider.legacyDiscovery) ?? [];
    if (id === undefined || settings === undefined) throw NOT_FOUND;
    if (describeDoor(live, tenant, toolset)?.providers.includes(settings) !== true) throw NOT_FOUND;
    return { id, settings };
  }

  async #forward(id: string, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<ForwardedAnswer> {
    const response = await this.parts.fetchFor(id, 'legacy discovery')(url, { method: 'POST', headers: { accept: 'application/json', ...headers }, body });
    return { status: response.status, body: await response.json().catch(() => ({ error: 'invalid_request', error_description: `the identity provider answered ${response.status}` })) };
  }
}

import { namedProvidersAt } from '../../auth/door.js';
import type { LiveSettings } from '../../config/configuration.schema.js';
import { canonicalIssuer, entraIssuer, toList } from '../../config/provider-identity.js';
import type { BrowserSettings, ProviderSettings } from '../../config/provider.schema.js';

/** A provider that people sign in at for the pages, and Gatehouse as its client. */
export interface BrowserProvider {
  readonly id: string;
  readonly provider: ProviderSettings;
  readonly browser: BrowserSettings;
}

type Providers = Pick<LiveSettings, 'providers' | 'tenants'>;

/** Those of a door (door.ts) that have `browser`; undefined when there is no such tenant. */
export function browserProvidersAt(settings: Providers, tenant: string | undefined): readonly BrowserProvider[] | undefined {
  return namedProvidersAt(settings, tenant)?.flatMap(([id, provider]) => {
    const browser = 'browser' in provider ? provider.browser : undefined;
    return browser ? [{ id, provider, browser }] : [];
  });
}

export function findBrowser(settings: Providers, id: string): BrowserProvider | undefined {
  return browserProvidersAt(settings, undefined)?.find((one) => one.id === id);
}

/** Whether there are pages at all: people can sign in, and there is a key for what they connect. */
export function hasPages(settings: LiveSettings): boolean {
  return settings.vault !== undefined && (browserProvidersAt(settings, undefined) ?? []).length > 0;
}

export interface Endpoints {
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string | undefined;
}

/** Endpoints that nobody has to be asked for. */
export function knownEndpoints({ provider, browser }: BrowserProvider): Endpoints {
  const { authorizationEndpoint, tokenEndpoint } = presetEndpoints(provider);
  return { authorizationEndpoint: browser.authorizationEndpoint ?? authorizationEndpoint, tokenEndpoint: browser.tokenEndpoint ?? tokenEndpoint };
}

function presetEndpoints(provider: ProviderSettings): Endpoints {
  const issuer = canonicalIssuer(provider);
  switch (provider.preset) {
    // GitHub publishes no metadata.
    case 'github':
      return { authorizationEndpoint: `${issuer}/authorize`, tokenEndpoint: `${issuer}/access_token` };
    // The metadata of several directories name no issuer but a template.
    case 'entra': {
      const [first, second] = toList(provider.tenantId);
      const directory = entraIssuer(provider.authority, first === undefined || second !== undefined ? 'organizations' : first).replace(/\/v2\.0$/, '');
      return { authorizationEndpoint: `${directory}/oauth2/v2.0/authorize`, tokenEndpoint: provider.tokenEndpoint ?? `${directory}/oauth2/v2.0/token` };
    }
    default:
      return { authorizationEndpoint: undefined, tokenEndpoint: 'tokenEndpoint' in provider ? provider.tokenEndpoint : undefined };
  }
}

/** Whether the provider is told by `resource` (RFC 8707) what the token is for; these say it by scope or client, and Entra refuses the parameter. */
export function takesResource({ preset }: ProviderSettings): boolean {
  return preset !== 'entra' && preset !== 'google' && preset !== 'github';
}

import type { ProviderOf, ProviderSettings } from './provider.schema.js';

/** What a provider's settings say of its tokens, known without asking anybody. */

/** Both are in use for the same users (OpenID Connect for Google). */
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/**
 * The issuer that names the provider to others: in metadata documents, for discovery, as the issuer of its callers.
 * @returns undefined for what is no authorization server, such as API keys
 */
export function canonicalIssuer(provider: ProviderSettings): string | undefined {
  switch (provider.preset) {
    case 'oidc':
    case 'keycloak':
    case 'introspection':
      return provider.issuer;
    case 'okta':
      return provider.issuer ?? `https://${provider.domain}/oauth2/${provider.authorizationServer}`;
    case 'auth0':
      return provider.issuer ?? `https://${provider.domain}/`;
    case 'entra':
      return entraIssuer(provider.authority, toList(provider.tenantId).length === 1 ? String(toList(provider.tenantId)[0]) : 'organizations');
    case 'google':
      return GOOGLE_ISSUERS[0];
    case 'github':
      return `${provider.baseUrl}/login/oauth`;
    case 'custom':
      return provider.issuers[0];
    case 'apiKey':
    case 'environment':
      return undefined;
  }
}

/** Exact `iss` values of the JWTs that are the provider's; none where tokens are opaque. */
export function issuersOf(provider: ProviderSettings): readonly string[] {
  switch (provider.preset) {
    case 'entra':
      return toList(provider.tenantId).flatMap((tenant) => [entraIssuer(provider.authority, tenant), `${provider.version1Issuer}/${tenant}/`]);
    case 'google':
      return GOOGLE_ISSUERS;
    case 'custom':
      return provider.issuers;
    case 'github':
    case 'apiKey':
    case 'environment':
      return [];
    default: {
      const issuer = canonicalIssuer(provider);
      return issuer === undefined ? [] : [issuer];
    }
  }
}

/** Issuer of version 2.0 tokens of a directory. */
export const entraIssuer = (authority: string, tenant: string): string => `${authority}/${tenant}/v2.0`;

/** Where GitHub's REST API is: on a host of its own, or below `/api/v3` of an Enterprise Server. */
export function githubApiUrl({ apiUrl, baseUrl }: ProviderOf<'github'>): string {
  return apiUrl ?? (baseUrl === 'https://github.com' ? 'https://api.github.com' : `${baseUrl}/api/v3`);
}

/** Accepted `aud` besides the resource URLs of `publicUrls`. */
export function audiencesOf(provider: ProviderSettings): readonly string[] {
  switch (provider.preset) {
    case 'okta':
    case 'auth0':
      return toList(provider.audience);
    case 'entra':
      return [provider.clientId, `api://${provider.clientId}`, ...(provider.audiences ?? [])];
    case 'google':
      return toList(provider.clientId);
    case 'github':
      return provider.clientId === undefined ? [] : [provider.clientId];
    case 'apiKey':
    case 'environment':
      return [];
    default:
      return provider.audiences ?? [];
  }
}

/** What clients ask for first at the providers' authorization servers. */
export function basicScopesOf(providers: readonly ProviderSettings[]): readonly string[] {
  return [...new Set(providers.flatMap((provider) => ('basicScopes' in provider ? provider.basicScopes : [])))];
}

/** How opaque credentials of a provider begin; an empty text stands for any. Providers that verify JWTs only have none. */
export function tokenPrefixesOf(provider: ProviderSettings): readonly string[] {
  switch (provider.preset) {
    case 'google':
      return ['ya29.'];
    case 'github':
      return ['gho_', 'ghu_'];
    case 'introspection':
      return [provider.tokenPrefix ?? ''];
    case 'apiKey':
      return [`${provider.prefix}_`];
    case 'custom':
      return provider.tokenPrefixes;
    default:
      return [];
  }
}

/** Only meant where nobody else can reach the gateway: each is announced at every start and refused in production. */
export function developmentOnly(provider: ProviderSettings): string | undefined {
  if (provider.preset === 'environment') return 'gives everybody who reaches the gateway the configured identity';
  if (provider.preset === 'github' && provider.clientId === undefined && !provider.dangerouslyAcceptAnyGithubApp) {
    return 'accepts tokens of every GitHub OAuth app: give clientId and clientSecret of your own app, or say dangerouslyAcceptAnyGithubApp: true';
  }
  return undefined;
}

export function toList<T>(value: T | readonly T[]): readonly T[] {
  // Array.isArray does not narrow a readonly array.
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

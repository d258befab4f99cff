import type { ProviderSettings } from '../../config/provider.schema.js';

/** What a remedy may name: never a token. */
export interface RemedyContext {
  readonly provider: string;
  readonly preset: ProviderSettings['preset'];
  /** The resource that the client should have asked for. */
  readonly resource: string;
  /** The audiences that the provider's settings accept. */
  readonly audiences: readonly string[];
}

type Preset = ProviderSettings['preset'];
type Remedy = (context: RemedyContext) => string;
/** By preset; `any` where nothing special is known. */
type Remedies = Partial<Record<Preset, Remedy>> & { readonly any: Remedy };

/** What to change when the strategy or the guard refuses for a reason; in the words of each provider's console. */
const remedies: Readonly<Record<string, Remedies>> = {
  audience: {
    any: ({ provider, resource }) => `have the client ask for the resource ${resource} (RFC 8707), or add the audience to providers.${provider}.audiences if it is this gateway's`,
    entra: ({ provider, audiences }) =>
      `in the Entra admin center open App registrations → the gateway's app → Expose an API, and have the client ask for the scope ${audiences[1] ?? 'api://CLIENT-ID'}/SCOPE; if the Application ID URI is another one, add it to providers.${provider}.audiences. A token for Microsoft Graph (00000003-0000-0000-c000-000000000000) can be verified by Graph only`,
    auth0: ({ audiences }) => `have the client send audience=${audiences[0]} when it asks for the token (Auth0 dashboard → Applications → APIs → Identifier)`,
    okta: ({ provider }) => `set providers.${provider}.audience to the Audience of the authorization server (Okta admin → Security → API → Authorization Servers)`,
    keycloak: ({ resource, audiences }) =>
      `in the Keycloak admin console add a mapper "Audience" to a client scope of the client (Client scopes → … → Mappers → By configuration → Audience) with Included Custom Audience ${audiences[0] ?? resource}, on for access tokens`,
    google: ({ provider }) => `the token was made for another OAuth client: use that of providers.${provider}.clientId, or add its id there (Google Cloud console → APIs & Services → Credentials)`,
    github: ({ provider }) => `the token is of another OAuth app than providers.${provider}.clientId (GitHub → Settings → Developer settings → OAuth Apps)`,
  },
  expired: { any: () => 'have the client use its refresh token or sign in again; if it was issued a moment ago, compare the clocks' },
  not_yet_valid: { any: clocks },
  issued_in_future: { any: clocks },
  lifetime: { any: ({ provider }) => `shorten the life of access tokens at the provider, or raise providers.${provider}.maxTokenLifetime` },
  no_expiry: { any: () => 'have the provider issue tokens that expire (exp)' },
  id_token: {
    any: ({ provider }) => `the client sends its ID token; have it send the access token. (providers.${provider}.tokenKind: id_token accepts ID tokens of preset oidc, where nothing else can be had)`,
    entra: () => 'the client sends its ID token, or asked for no scope of this API: have it ask for api://CLIENT-ID/SCOPE and send the access token',
  },
  token_type: { any: () => 'the client sends another token than its access token (a refresh, logout or ID token, or a proof): have it send the access token' },
  token_version: {
    any: () => 'the token and its issuer are of two versions: in the Entra admin center set api.requestedAccessTokenVersion (accessTokenAcceptedVersion) in the Manifest of the gateway\'s app to 2, and get a new token',
  },
  algorithm: {
    any: ({ provider }) => `have the provider sign with RS256 or ES256, or list the algorithm in providers.${provider}.algorithms. HS256 is never accepted: its key is a shared secret`,
    auth0: () => 'set the Signing Algorithm to RS256 (Auth0 dashboard → Applications → APIs → Settings → Signing Algorithm)',
    keycloak: () => 'set the Access token signature algorithm to RS256 or ES256 (Keycloak → Clients → … → Advanced → Fine grain OpenID Connect configuration)',
  },
  no_key_id: { any: () => 'the token names no key (kid): tokens of this provider are not for others to verify' },
  unknown_key: { any: () => 'the key is not in the provider\'s JWKS: the token is of another environment, or was signed by a key that is no longer published' },
  invalid: { any: () => 'the signature does not fit: the token was changed on its way, or is of another environment whose issuer has the same name' },
  inactive: { any: ({ provider }) => `the provider says that the token is not active: it expired, was revoked, or was not issued to a client that providers.${provider} may ask about (the introspecting client may have to be in its audience)` },
  sender_constrained: { any: () => 'switch DPoP or mTLS binding of access tokens off for this client: sender-constrained tokens are not supported yet' },
  no_subject: {
    any: () => 'the token names no user: have the provider put the stable user key into access tokens (in Keycloak the client scope "basic" does)',
    okta: () => 'the token has no uid: it is not from a custom authorization server; the org\'s own server issues tokens for Okta only',
  },
  hosted_domain: { any: ({ provider }) => `the account is not of providers.${provider}.hostedDomains; sign in with a Workspace account` },
  missing_provider_scope: { any: () => 'sign in again and grant the scope read:org; an organization may have to approve the OAuth app (Organization settings → Third-party access)' },
  api_key: { any: () => 'look for the id between the two "_" with "gatehouse keys list": it shows whether the key is known, expired or revoked' },
  ambiguous_provider: { any: () => 'set tokenPrefix of one of these providers, or use the tenant\'s own address' },
  too_long: { any: () => 'tokens over 16 KB are refused: have the provider leave groups out, or send their ids only' },
};

function clocks(): string {
  return 'the clocks differ by more than 60 s: synchronise this machine (chrony, systemd-timesyncd) and the provider\'s';
}

/** @returns undefined for reasons that explain themselves */
export function remedyFor(reason: string, context: RemedyContext): string | undefined {
  const known = Object.hasOwn(remedies, reason) ? remedies[reason] : undefined;
  return (known?.[context.preset] ?? known?.any)?.(context);
}

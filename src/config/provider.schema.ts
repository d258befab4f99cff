import { z } from 'zod';
import { duration, fileOrUrl, httpUrl, issuerUrl, secretReference } from './configuration.values.js';

/** `providers:` of `gatehouse.yaml`. What a revision stores stays in these words; `auth/` works out what they mean. */

export const oneOrMany = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);
export const text = z.string().min(1);
const audiences = z.array(text).min(1, 'must name at least one audience; leave the key out to accept only the resource URL');
const guid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a GUID in lower case, as the console shows it; "common" and "organizations" are no tenant');
export const domain = z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain name without https:// and path, such as acme.eu.auth0.com');
const tokenPrefix = z.string().regex(/^[A-Za-z0-9._~-]{2,32}$/, 'must be 2 to 32 characters of a token: letters, digits, ".", "_", "~" or "-"');

/** One claim whose values are roles. A list is a path, such as [realm_access, roles]; without `map` values are roles as they are. */
const roleClaim = z.strictObject({ claim: z.union([text, z.array(text).min(1)]), map: z.record(z.string(), text).optional() });

/** Gatehouse as a client of the provider, for its pages: people sign in there with the same kind of token that agents use. */
const browser = z.strictObject({
  clientId: text,
  clientSecret: secretReference.optional(),
  clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  /** `basicScopes` of the provider when unset. */
  scopes: z.array(text).optional(),
  /** Parameters of the authorization request besides the standard ones, such as Auth0's `audience`. */
  parameters: z.record(z.string(), z.string()).default({}),
  /** In place of those of the metadata. */
  authorizationEndpoint: httpUrl.optional(),
  tokenEndpoint: httpUrl.optional(),
});

const anyProvider = {
  browser: browser.optional(),
  /** `scopes_supported`, and the first challenge. */
  basicScopes: z.array(text).default(['openid']),
  roles: oneOrMany(roleClaim).optional(),
  /** How long a verified credential is not verified again: the published revocation bound. */
  cacheFor: duration.refine((ms) => ms <= 600_000, 'must be 10m or shorter: a token revoked at the provider is accepted that long').default(60_000),
  /** Longest accepted lifetime of a token, counted from now. */
  maxTokenLifetime: duration.default(24 * 3_600_000),
};

/** Providers whose tokens are JWTs that their published keys verify, and whose audience the preset asks for in its own words. */
const signedTokens = {
  ...anyProvider,
  algorithms: z
    .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']))
    .min(1)
    .default(['RS256', 'ES256']),
  /** Overrides discovery, for an issuer that publishes none. */
  jwksUri: httpUrl.optional(),
  tokenEndpoint: httpUrl.optional(),
  /** Serves RFC 8414 metadata and `/authorize`, `/token`, `/register` for clients older than RFC 9728. */
  legacyDiscovery: z.boolean().default(false),
};

/** Accepted `aud` besides the resource URLs of `publicUrls`. */
const jwtProvider = { ...signedTokens, audiences: audiences.optional() };

const oidc = z.strictObject({
  preset: z.literal('oidc'),
  issuer: issuerUrl,
  ...jwtProvider,
  tokenKind: z.enum(['access_token', 'id_token']).default('access_token'),
  /** The claim that is the user's stable key. */
  subjectClaim: text.default('sub'),
  /** The claim that says whom a token is for, where it is not `aud`: Cognito's access tokens have `client_id` only. */
  audienceClaim: text.default('aud'),
});

const keycloak = z.strictObject({ preset: z.literal('keycloak'), issuer: issuerUrl, ...jwtProvider });

const okta = z.strictObject({
  preset: z.literal('okta'),
  domain: domain.optional(),
  /** Id of the custom authorization server; the org's own issues tokens that nobody else may verify. */
  authorizationServer: text.default('default'),
  /** In place of the domain, for a custom domain of another form. */
  issuer: issuerUrl.optional(),
  audience: oneOrMany(text),
  ...signedTokens,
});

const auth0 = z.strictObject({
  preset: z.literal('auth0'),
  domain: domain.optional(),
  issuer: issuerUrl.optional(),
  /** Identifier of the API in Auth0's console. */
  audience: oneOrMany(text),
  ...signedTokens,
});

const entra = z.strictObject({
  preset: z.literal('entra'),
  /** Directory (tenant) ID: the only directories whose users may come in. */
  tenantId: oneOrMany(guid),
  /** Application (client) ID of the app registration that tokens are issued for. */
  clientId: guid,
  ...jwtProvider,
  algorithms: z.array(z.enum(['RS256'])).min(1).default(['RS256']),
  authority: httpUrl.default('https://login.microsoftonline.com'),
  /** Issuers of version 1.0 tokens: this and the directory's id. */
  version1Issuer: httpUrl.default('https://sts.windows.net'),
  /** Reads the groups of users who have more than a token holds, with the app's own token. */
  groupOverage: z.strictObject({ clientSecret: secretReference, graphUrl: httpUrl.default('https://graph.microsoft.com') }).optional(),
});

const google = z.strictObject({
  preset: z.literal('google'),
  clientId: oneOrMany(text),
  /** Where the other side of the flow keeps it; Gatehouse verifies tokens without it. */
  clientSecret: secretReference.optional(),
  ...anyProvider,
  basicScopes: z.array(text).default(['openid', 'email']),
  /** Google Workspace domains (`hd`); without it any Google account may come in, and tenant rules decide. */
  hostedDomains: z.array(domain).min(1).optional(),
  jwksUri: httpUrl.default('https://www.googleapis.com/oauth2/v3/certs'),
  tokeninfoEndpoint: httpUrl.default('https://oauth2.googleapis.com/tokeninfo'),
  userinfoEndpoint: httpUrl.default('https://openidconnect.googleapis.com/v1/userinfo'),
});

const github = z.strictObject({
  preset: z.literal('github'),
  clientId: text.optional(),
  clientSecret: secretReference.optional(),
  ...anyProvider,
  basicScopes: z.array(text).default(['read:user']),
  /** `https://HOST` of GitHub Enterprise Server; its API is below `/api/v3`. */
  baseUrl: httpUrl.default('https://github.com'),
  apiUrl: httpUrl.optional(),
  /** What becomes the claim `groups`: `org` of organizations, `org/team` of teams. Needs the scope read:org. */
  groups: z.array(z.enum(['organizations', 'teams'])).min(1).optional(),
  /** Accepts tokens of every GitHub OAuth app: whoever runs one can act as its users here. */
  dangerouslyAcceptAnyGithubApp: z.boolean().default(false),
});

const introspection = z.strictObject({
  preset: z.literal('introspection'),
  /** JWTs of this issuer are introspected as well; discovery finds the endpoint. */
  issuer: issuerUrl.optional(),
  introspectionEndpoint: httpUrl.optional(),
  clientId: text,
  clientSecret: secretReference.optional(),
  /** PEM (PKCS #8) of the key of `private_key_jwt`, in place of a secret. */
  privateKey: secretReference.optional(),
  keyId: text.optional(),
  signingAlgorithm: z.enum(['RS256', 'PS256', 'ES256']).default('RS256'),
  /** Opaque tokens that begin so are this provider's; needed where several providers have opaque tokens. */
  tokenPrefix: tokenPrefix.optional(),
  ...anyProvider,
  audiences: audiences.optional(),
});

const apiKey = z.strictObject({
  preset: z.literal('apiKey'),
  /** Key of the HMAC under which the database keeps keys, 32 characters or more; without it there are static keys only. */
  hmacKey: secretReference.optional(),
  /** Keys are `<prefix>_<id>_<secret>`. */
  prefix: z.string().regex(/^[a-z][a-z0-9]{2,15}$/, 'must be 3 to 16 lower-case letters and digits').default('gatehouse'),
  /** Keys that are not in the database, for development and CI. */
  staticKeys: z
    .array(z.strictObject({ name: text, key: secretReference, tenant: text, scopes: z.array(text).default([]), roles: z.array(text).default([]) }))
    .default([]),
});

const environment = z.strictObject({
  preset: z.literal('environment'),
  subject: text,
  name: text.optional(),
  email: text.optional(),
  scopes: z.array(text).default([]),
  roles: z.array(text).default([]),
  /** What tenant rules may look at. */
  claims: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).default({}),
});

const custom = z.strictObject({
  preset: z.literal('custom'),
  /** An ES module whose default export makes the verifier. */
  module: fileOrUrl.refine((value) => value.startsWith('file:'), 'must be file:PATH'),
  /** Exact issuers of the JWTs that are its own. */
  issuers: z.array(issuerUrl).default([]),
  tokenPrefixes: z.array(tokenPrefix).default([]),
  /** Handed to the module as they are. */
  options: z.record(z.string(), z.json()).default({}),
  /** Handed to the module as `Secret`s, by the same names. */
  secrets: z.record(z.string(), secretReference).default({}),
  ...anyProvider,
  audiences: audiences.optional(),
});

export const providerSchema = z
  .discriminatedUnion('preset', [oidc, keycloak, okta, auth0, entra, google, github, introspection, apiKey, environment, custom])
  .superRefine(checkProvider);

export type ProviderSettings = z.output<typeof providerSchema>;
export type ProviderOf<P extends ProviderSettings['preset']> = Extract<ProviderSettings, { preset: P }>;
export type BrowserSettings = z.output<typeof browser>;
export type RoleClaim = z.output<typeof roleClaim>;

/** What one key asks of another. */
function checkProvider(provider: ProviderSettings, context: z.RefinementCtx): void {
  const report = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  switch (provider.preset) {
    case 'okta':
    case 'auth0':
      if (provider.domain === undefined && provider.issuer === undefined) report('domain', 'is missing: the domain as the console shows it');
      if (provider.domain !== undefined && provider.issuer !== undefined) report('issuer', 'is given together with domain; choose one');
      break;
    case 'github':
      if ((provider.clientId === undefined) !== (provider.clientSecret === undefined)) {
        report(provider.clientId === undefined ? 'clientId' : 'clientSecret', 'is missing: the check of a token needs both the client id and the secret of the OAuth app');
      }
      break;
    case 'introspection':
      if (provider.issuer === undefined && provider.introspectionEndpoint === undefined) report('introspectionEndpoint', 'is missing; or give the issuer, whose metadata names it');
      if ((provider.clientSecret === undefined) === (provider.privateKey === undefined)) report('clientSecret', 'give either clientSecret or privateKey: the endpoint must know who asks (RFC 7662 §2.1)');
      break;
    case 'custom':
      if (provider.issuers.length === 0 && provider.tokenPrefixes.length === 0) report('issuers', 'give issuers or tokenPrefixes: a credential is given to one provider only, by its issuer or its beginning');
      break;
    default:
  }
}

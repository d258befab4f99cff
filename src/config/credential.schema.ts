import { z } from 'zod';
import { duration, httpUrl, identifier, secretReference } from './configuration.values.js';
import { domain, oneOrMany, text } from './provider.schema.js';

/** `apis[].credentials` of `gatehouse.yaml`: the links of a chain. */

const when = z.enum(['user', 'machine']).optional();

/** The audit record names a service identity by such a beginning; a client that acts for a user must not look like one. */
export const clientId = text.refine((id) => !/^(?:client-credentials|service-account|api-key):/.test(id), 'must not begin with "client-credentials:", "service-account:" or "api-key:", which mark service identities in the audit');
const signingAlgorithm = z.enum(['RS256', 'PS256', 'ES256']);

/** Our client at an authorization server, and how it proves itself: a secret, or a key (RFC 7523 §2.2). */
export const clientProof = {
  clientSecret: secretReference.optional(),
  /** PEM (PKCS #8) of the key of `private_key_jwt`, in place of a secret. */
  privateKey: secretReference.optional(),
  keyId: text.optional(),
  signingAlgorithm: signingAlgorithm.default('RS256'),
  /** `tls_client_auth` (RFC 8705): by a certificate of `egress.clientCertificates`, without a secret. */
  clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post', 'tls_client_auth']).default('client_secret_basic'),
};

/** RFC 8693: the caller's token for one of the API. */
const tokenExchange = z.strictObject({
  type: z.literal('token-exchange'),
  when,
  provider: identifier,
  clientId,
  ...clientProof,
  audience: oneOrMany(text),
  resource: httpUrl.optional(),
  requestedTokenType: z.enum(['access_token', 'jwt']).default('access_token'),
  /** A token of our own that says who acts (RFC 8693 §1.1), by client credentials at the same provider. */
  actor: z.strictObject({ clientId, clientSecret: secretReference, scope: text.optional() }).optional(),
});

/** Entra ID's on-behalf-of flow; the client is the app registration that the caller's token is for. */
const entraObo = z.strictObject({
  type: z.literal('entra-obo'),
  when,
  provider: identifier,
  clientSecret: secretReference.optional(),
  privateKey: secretReference.optional(),
  /** PEM of the certificate whose key `privateKey` is, as uploaded to the app registration. */
  certificate: secretReference.optional(),
  /** Application ID URI of the API; `scope` is its `.default` unless it says otherwise. */
  audience: text.optional(),
  scope: text.optional(),
});

/** RFC 7523: the caller's token as the assertion, or one that we sign for the caller. */
const jwtBearer = z.strictObject({
  type: z.literal('jwt-bearer'),
  when,
  provider: identifier.optional(),
  clientId: clientId.optional(),
  ...clientProof,
  audience: text.optional(),
  scope: text.optional(),
  /** Where a signed assertion goes; a service account's key file names it too. */
  tokenEndpoint: httpUrl.optional(),
  signed: z
    .strictObject({
      /** JSON key file of a service account (`client_email`, `private_key`, `private_key_id`, `token_uri`). */
      serviceAccount: secretReference.optional(),
      issuer: text.optional(),
      privateKey: secretReference.optional(),
      keyId: text.optional(),
      signingAlgorithm: signingAlgorithm.default('RS256'),
      /** What of the caller becomes `sub`. */
      subject: z.enum(['email', 'sub']),
      /** Whose verified addresses may be `sub`, exactly. */
      emailDomains: z.array(domain).min(1).optional(),
    })
    .optional(),
});

/** RFC 6749 §4.4: the gateway's own identity, the same for every caller. */
export const clientCredentialsSchema = z.strictObject({
  type: z.literal('client-credentials'),
  when,
  provider: identifier.optional(),
  tokenEndpoint: httpUrl.optional(),
  clientId,
  ...clientProof,
  scope: text.optional(),
  audience: text.optional(),
  resource: httpUrl.optional(),
});

const keyName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header, query parameter or cookie');
const keyPrefix = z.string().regex(/^[\x21-\x7e][\x20-\x7e]{0,31}$/, 'must be 1 to 32 printable ASCII characters');

/** One key for every caller. */
export const apiKeySchema = z.strictObject({
  type: z.literal('api-key'),
  when,
  in: z.enum(['header', 'query', 'cookie']),
  name: keyName,
  /** Stands before the key as it is, such as `Token ` with its space. */
  prefix: keyPrefix.optional(),
  value: secretReference,
});

/** The user's own account at another service, connected once (`connections`). */
const vault = z.strictObject({ type: z.literal('vault'), when, connection: identifier });

/** The user's own key or password for the API, kept as a connection. */
const userSecret = z.strictObject({
  type: z.literal('user-secret'),
  when,
  connection: identifier,
  /** A password goes as `basic` (RFC 7617), a key anywhere else. */
  in: z.enum(['header', 'query', 'cookie', 'basic']),
  name: keyName.optional(),
  prefix: keyPrefix.optional(),
});

/** What a platform's own credential service has for the caller (docs/guides/on-behalf-of.md has its protocol). */
const resolver = z.strictObject({
  type: z.literal('resolver'),
  when,
  /** `GET {baseUrl}/api/credentials/{userId}/{service}`. */
  baseUrl: httpUrl,
  service: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a name of the platform: letters, digits, ".", "_" and "-"'),
  /** Whose users the platform knows: the same key at another provider is somebody else. */
  provider: identifier.optional(),
  /** What of the caller is the platform's `{userId}`. */
  userId: z.enum(['sub', 'email']).default('sub'),
  /** Bearer token by which the platform knows Gatehouse. */
  serviceToken: secretReference.optional(),
  /** In its place: the caller's token, exchanged for one of the platform. */
  exchange: z.strictObject({ provider: identifier, clientId, ...clientProof, audience: oneOrMany(text) }).optional(),
  /** For answers that do not say how long they are good. */
  cacheFor: duration.refine((ms) => ms <= 3_600_000, 'must be 1h or shorter').default(300_000),
  /** When the platform has nothing for the caller (404): an error, or the next link of the chain that applies. */
  missing: z.enum(['refuse', 'continue']).default('refuse'),
  /** Where users can give the platform what it misses. */
  connectUrl: httpUrl.optional(),
  /** Key of the HMAC of the platform's webhooks, 32 characters or more. */
  webhookSecret: secretReference.optional(),
  /** Where a key goes that the platform answers with, where it does not say so itself. */
  in: z.enum(['header', 'query', 'cookie']).default('header'),
  name: keyName.default('Authorization'),
  prefix: keyPrefix.optional(),
});

const none = z.strictObject({ type: z.literal('none'), when });

export const credentialSchema = z.discriminatedUnion('type', [tokenExchange, entraObo, jwtBearer, clientCredentialsSchema, vault, userSecret, resolver, apiKeySchema, none]);

export type CredentialSettings = z.output<typeof credentialSchema>;
export type CredentialType = CredentialSettings['type'];
export type CredentialOf<T extends CredentialType> = Extract<CredentialSettings, { type: T }>;

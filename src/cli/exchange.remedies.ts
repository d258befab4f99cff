import type { CredentialSettings } from '../config/credential.schema.js';

/** What a remedy may name: never a token or a secret. */
export interface RefusalContext {
  /** Path of the link in `gatehouse.yaml`. */
  readonly setting: string;
  readonly settings: CredentialSettings;
}

type Remedy = readonly [pattern: RegExp, remedy: (context: RefusalContext) => string];

const clientOf = ({ settings }: RefusalContext): string => ('clientId' in settings && settings.clientId !== undefined ? `client ${settings.clientId}` : "the gateway's client");
const audienceOf = ({ settings }: RefusalContext): string => ('audience' in settings && settings.audience !== undefined ? [settings.audience].flat().join(', ') : 'the API');

/** By what the server says, the most telling first: codes of Entra ID, texts of Keycloak, then the codes of RFC 6749 and RFC 8693. */
const remedies: readonly Remedy[] = [
  [/AADSTS65001\b/, () => 'grant consent: Entra admin center → App registrations → the gateway\'s app → API permissions → add the API\'s delegated permissions → Grant admin consent; or list the client under knownClientApplications of the gateway\'s app'],
  [/AADSTS50013\b/, () => 'the assertion must be for the gateway\'s own app: the client has to ask for a scope of api://CLIENT-ID of the provider\'s clientId; a token for Microsoft Graph or another app cannot be exchanged'],
  [/AADSTS500011\b/, ({ setting }) => `no API has this Application ID URI in the directory: compare ${setting}.audience with Entra admin center → App registrations → the API's app → Expose an API, and have the API's app be there as an enterprise application`],
  [/AADSTS7000215\b/, ({ setting }) => `the secret is wrong: ${setting}.clientSecret needs the secret's Value and not its Secret ID (App registrations → the gateway's app → Certificates & secrets)`],
  [/AADSTS7000222\b/, () => 'the secret has expired: make a new one (App registrations → the gateway\'s app → Certificates & secrets)'],
  [/AADSTS(?:50076|50079|50158)\b/, () => 'a conditional access policy wants more of the user (MFA): the client has to send them through sign-in again with the claims challenge; gateway and API should be under the same policy, so that it is met at sign-in'],
  [/AADSTS70011\b/, ({ setting }) => `the scope is not valid: it is APPLICATION-ID-URI/.default; set ${setting}.audience to the Application ID URI, or write the whole scope`],
  [/AADSTS90002\b/, () => 'the directory (tenant) was not found: compare tenantId and authority of the provider with Entra admin center → Overview'],
  [/AADSTS700016\b/, () => 'the directory does not know the app: compare clientId of the provider, and have the app be in the users\' directory'],
  [/AADSTS7000114\b/, () => 'an app\'s own token cannot be exchanged: declare a link with when: machine, such as client-credentials'],
  [/Client is not within the token audience/i, (context) => `Keycloak: put ${clientOf(context)} into the aud of the caller's tokens: Client scopes → … → Mappers → Audience → Included Client Audience`],
  [/Standard token exchange is not enabled/i, (context) => `Keycloak: Clients → ${clientOf(context)} → Settings → Capability config → Standard Token Exchange: On`],
  [/Requested audience not available/i, (context) => `Keycloak: no client scope of ${clientOf(context)} leads to the audience ${audienceOf(context)}: add an audience mapper or a client role of it to a scope of the client, and have the user hold that role`],
  [/Client not allowed/i, (context) => `Keycloak: ${clientOf(context)} may not exchange: switch Standard Token Exchange on, have it be confidential, and in its aud the caller's token`],
  [/Client is unauthorized to retrieve access tokens using this method/i, () => 'Google: Admin console → Security → API controls → Domain-wide delegation: add the service account\'s client id with exactly the scopes that are asked for'],
  [/account not found|Invalid JWT Signature/i, ({ setting }) => `the key of ${setting}.signed is not of this service account, or was deleted (Google Cloud console → IAM → Service accounts → Keys)`],
  [/Invalid email or User ID/i, () => 'Google knows no such user in the Workspace domain of the delegation'],
  [/interaction_required/, () => 'the user has to sign in again, and maybe to confirm it, at the client'],
  [/does not take Gatehouse's own token/, ({ setting }) => `the platform refused who asks: compare ${setting}.serviceToken, or the audience of ${setting}.exchange, with what its credential service accepts`],
  [/the platform has no "/, ({ setting }) => `the platform knows nothing for this user and service: compare ${setting}.service and ${setting}.userId with its own names, or have the user connect it there (connectUrl)`],
  [/its answer is no(?:ne of| JSON)/, () => 'the credential service answers in another format: docs/guides/on-behalf-of.md has the one that is read'],
  [/which only the database knows/, () => 'nothing is wrong so far: whether the user connected it, and what became of it, is in "gatehouse connections list --user PROVIDER:SUBJECT"'],
  [/you are a machine|declares no credential for a machine/, () => 'an app-only caller: declare a link with when: machine, such as client-credentials or api-key'],
  [/declares no credential for a user/, () => 'declare a link with when: user, such as token-exchange'],
  [/you are signed in at provider/, ({ setting }) => `a caller's token goes to the provider that issued it only: name that provider at ${setting}.provider, or have callers of this API sign in there`],
  [/no token that can be exchanged/, () => 'API keys, GitHub\'s and Google\'s tokens cannot be exchanged: use client-credentials, api-key or (for Google users) jwt-bearer with signed'],
  [/verified e-mail address/, () => 'have the provider put email and email_verified: true into access tokens'],
  [/domain that may not be acted for/, ({ setting }) => `add the domain to ${setting}.signed.emailDomains if its users may be impersonated`],
  [/asked to be left alone|answered 429/, () => 'the server limits how often it is asked: wait, and raise its limit for this client'],
  [/cannot be reached|does not answer|answered 5\d\d|metadata of its issuer/, () => 'the token endpoint must be reachable from here: see "gatehouse doctor provider NAME"; a private address has to be in egress.allow'],
  [/invalid_client\b/, ({ setting }) => `the server does not accept the client: compare clientId and the secret or key, and try ${setting}.clientAuthentication: client_secret_post`],
  [/unauthorized_client\b/, (context) => `${clientOf(context)} may not use this grant: allow it in the server's settings of the client`],
  [/invalid_target\b/, (context) => `the server issues no tokens for ${audienceOf(context)}: compare audience and resource with the API's identifier there`],
  [/invalid_scope\b/, ({ setting }) => `the server knows no such scope, or does not give it to this client: compare ${setting}.scope, or apis[].scopes for what callers hold`],
  [/invalid_grant\b/, () => 'the server does not take the caller\'s token: it expired, its session has ended, or it is not for the gateway\'s client; sign in again and look at its aud'],
  [/unsupported_grant_type\b/, () => 'the server does not know this grant: switch it on there, or use another type of link'],
  [/not a token response/, () => 'what answers is no token endpoint, or something stands before it: compare tokenEndpoint'],
];

/** @returns undefined for what explains itself */
export function remedyForRefusal(message: string, context: RefusalContext): string | undefined {
  return remedies.find(([pattern]) => pattern.test(message))?.[1](context);
}

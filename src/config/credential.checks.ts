import type { ApiSettings, LiveSettings } from './configuration.schema.js';
import type { CredentialOf, CredentialSettings } from './credential.schema.js';
import type { ConnectionSettings } from './connection.schema.js';
import { canonicalIssuer, toList } from './provider-identity.js';
import type { ProviderSettings } from './provider.schema.js';

type Providers = Readonly<Record<string, ProviderSettings>>;
type Report = (path: (string | number)[], message: string) => void;

/** What one key of an API's chain asks of another, of the providers and connections. Paths are relative to the chain. */
export function checkCredentials({ credentials: chain, tenant }: Pick<ApiSettings, 'credentials' | 'tenant'>, { providers, connections, tenants }: Pick<LiveSettings, 'providers' | 'connections' | 'tenants'>, report: Report): void {
  const decided = new Set<string>();
  chain.forEach((link, position) => {
    const at: Report = (path, message) => report([position, ...path], message);
    const kinds = link.when === undefined ? ['user', 'machine'] : [link.when];
    if (kinds.every((kind) => decided.has(kind))) at([], 'is never used: the links before it decide for every caller it applies to');
    // What may have nothing for a caller does not decide.
    if (link.type !== 'resolver' || link.missing === 'refuse') for (const kind of kinds) decided.add(kind);
    if (link.type === 'vault' || link.type === 'user-secret') checkConnected(link, connections.find(({ name, tenant: of }) => name === link.connection && of === tenant), tenant, at);
    else checkLink(link, providers, at);
    if (link.type === 'resolver') checkUsers(link, tenants[tenant]?.rules.map(({ provider }) => provider) ?? [], at);
  });
}

function checkLink(link: Exclude<CredentialSettings, { connection: string }>, providers: Providers, report: Report): void {
  if (link.type !== 'resolver' && 'provider' in link && link.provider !== undefined) checkProvider(link.provider, providers, report);
  switch (link.type) {
    case 'token-exchange':
      return checkProof(link, report);
    case 'entra-obo':
      return checkEntra(link, providers, report);
    case 'jwt-bearer':
      return link.signed ? checkSigned(link, link.signed, report) : checkForwarded(link, report);
    case 'client-credentials':
      if ((link.provider === undefined) === (link.tokenEndpoint === undefined)) report(['provider'], 'give either provider or tokenEndpoint: one of them is asked for the token');
      checkOneDirectory(link, providers, report);
      return checkProof(link, report);
    case 'resolver':
      return checkResolver(link, providers, report);
    case 'api-key':
      return checkKey(link.in, link.name, report);
    case 'none':
  }
}

function checkProvider(name: string, providers: Providers, report: Report): void {
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (!provider) report(['provider'], `names provider "${name}", which providers does not define`);
  else if (canonicalIssuer(provider) === undefined) report(['provider'], `names provider "${name}", which has no token endpoint (preset ${provider.preset})`);
}

interface Proof {
  readonly clientSecret?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly clientAuthentication?: string | undefined;
}

function checkProof({ clientSecret, privateKey, clientAuthentication }: Proof, report: Report): void {
  if (clientAuthentication === 'tls_client_auth') {
    if (clientSecret !== undefined || privateKey !== undefined) report(['clientAuthentication'], 'is tls_client_auth, which takes no clientSecret and no privateKey: the certificate of egress.clientCertificates is the proof');
    return;
  }
  if (clientSecret === undefined && privateKey === undefined) report(['clientSecret'], 'is missing: give clientSecret or privateKey');
  if (clientSecret !== undefined && privateKey !== undefined) report(['privateKey'], 'is given together with clientSecret; choose one');
}

function checkEntra(link: CredentialOf<'entra-obo'>, providers: Providers, report: Report): void {
  const preset = providers[link.provider]?.preset;
  if (preset !== undefined && preset !== 'entra') report(['provider'], `names provider "${link.provider}" of preset ${preset}; on-behalf-of is of preset entra (elsewhere: token-exchange or jwt-bearer)`);
  if ((link.audience === undefined) === (link.scope === undefined)) report(['audience'], 'give either audience, the Application ID URI of the API, or scope');
  checkProof(link, report);
  if ((link.privateKey === undefined) !== (link.certificate === undefined)) report([link.privateKey === undefined ? 'privateKey' : 'certificate'], 'is missing: Entra ID knows a key by its certificate, so give both');
}

/** The caller's own token is the assertion: it goes to the provider that issued it and nowhere else. */
function checkForwarded(link: CredentialOf<'jwt-bearer'>, report: Report): void {
  if (link.provider === undefined) report(['provider'], 'is missing: the caller\'s token is shown to the provider that issued it; or give signed');
  if (link.clientId === undefined) report(['clientId'], 'is missing');
  if (link.tokenEndpoint !== undefined) report(['tokenEndpoint'], 'is for a signed assertion: the caller\'s token goes to its own provider only');
  if (link.scope !== undefined) report(['scope'], 'is for a signed assertion: on behalf of a caller its own scopes are asked for, as apis[].scopes maps them');
  checkProof(link, report);
}

function checkSigned(link: CredentialOf<'jwt-bearer'>, signed: NonNullable<CredentialOf<'jwt-bearer'>['signed']>, report: Report): void {
  const { serviceAccount, issuer, privateKey, subject, emailDomains } = signed;
  if (serviceAccount !== undefined && (issuer !== undefined || privateKey !== undefined)) report(['signed', 'serviceAccount'], 'is given together with issuer or privateKey; the key file names both');
  if (serviceAccount === undefined && issuer === undefined) report(['signed', 'issuer'], 'is missing; or give serviceAccount');
  if (serviceAccount === undefined && privateKey === undefined) report(['signed', 'privateKey'], 'is missing; or give serviceAccount');
  if (serviceAccount === undefined && link.tokenEndpoint === undefined) report(['tokenEndpoint'], 'is missing: where the assertion goes');
  if (link.audience !== undefined) report(['audience'], 'is for the caller\'s own token as the assertion; that of a signed one is where it goes');
  if (link.provider !== undefined) report(['provider'], 'is for the caller\'s own token as the assertion; a signed one goes to tokenEndpoint');
  if (link.clientId !== undefined || link.clientSecret !== undefined || link.privateKey !== undefined) report(['clientId'], 'is not for a signed assertion, which proves who asks by itself');
  if ((subject === 'email') !== (emailDomains !== undefined)) {
    report(['signed', 'emailDomains'], subject === 'email' ? 'is missing: name the domains whose users may be impersonated' : 'is for subject: email');
  }
}

/** Every directory has a token endpoint of its own, and an application is asked for in one of them. */
function checkOneDirectory(link: CredentialOf<'client-credentials'>, providers: Providers, report: Report): void {
  const provider = link.provider === undefined ? undefined : providers[link.provider];
  if (provider?.preset !== 'entra' || provider.tokenEndpoint !== undefined || toList(provider.tenantId).length === 1) return;
  report(['provider'], `names provider "${link.provider}" of several directories; give tokenEndpoint of the one that knows the client`);
}

/** Set by the wire itself, or by the other side of a proxy. */
const NOT_A_KEY = /^(?:host|cookie|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|accept-encoding|forwarded|x-forwarded-.*|proxy-.*)$/i;

export const canCarryKey = (place: string, name: string): boolean => place !== 'header' || !NOT_A_KEY.test(name);

function checkKey(place: string, name: string, report: Report): void {
  if (!canCarryKey(place, name)) report(['name'], name.toLowerCase() === 'cookie' ? 'is no header for a key; set in: cookie' : 'is a header that cannot carry a key');
}

function checkResolver({ serviceToken, exchange, missing, connectUrl, in: place, name }: CredentialOf<'resolver'>, providers: Providers, report: Report): void {
  if ((serviceToken === undefined) === (exchange === undefined)) report(['serviceToken'], 'give either serviceToken or exchange: the platform must know who asks, and never sees the caller\'s own token');
  if (exchange) {
    checkProvider(exchange.provider, providers, (path, message) => report(['exchange', ...path], message));
    checkProof(exchange, (path, message) => report(['exchange', ...path], message));
  }
  if (connectUrl !== undefined && missing === 'continue') report(['connectUrl'], 'is given together with missing: continue; choose one');
  checkKey(place, name, report);
}

/** The platform knows users by their key alone. */
function checkUsers({ provider, exchange }: CredentialOf<'resolver'>, providers: readonly string[], report: Report): void {
  const names = [...new Set(providers)];
  if (exchange && provider !== undefined) report(['provider'], 'is given together with exchange, which takes the callers of its own provider only');
  else if (provider !== undefined && !names.includes(provider)) report(['provider'], `names provider "${provider}", where nobody of the tenant signs in`);
  else if (provider === undefined && !exchange && names.length > 1) report(['provider'], `is missing: the tenant's people sign in at ${names.join(', ')}, where the same key may be different people; name the one whose users the platform knows`);
}

/** A link to what users connect: of the right type, and never for a machine, which has nothing of its own. */
function checkConnected(link: CredentialOf<'vault' | 'user-secret'>, connection: ConnectionSettings | undefined, tenant: string, report: Report): void {
  if (link.when !== 'user') report(['when'], 'must be user: only users have accounts of their own; declare another link for machines');
  if (!connection) return report(['connection'], `names connection "${link.connection}", which connections does not define for tenant "${tenant}"`);
  const type = link.type === 'vault' ? 'oauth' : 'secret';
  if (connection.type !== type) return report(['connection'], `names connection "${link.connection}" of type ${connection.type}; a ${link.type} link takes one of type ${type}`);
  if (link.type === 'vault' || connection.type !== 'secret') return;
  if ((connection.kind === 'password') !== (link.in === 'basic')) report(['in'], connection.kind === 'password' ? 'must be basic: the connection keeps a user name and a password' : 'is basic, which takes a connection of kind: password');
  if (link.in === 'basic' && (link.name !== undefined || link.prefix !== undefined)) report(['name'], 'is not for in: basic, which is the Authorization header');
  if (link.in !== 'basic' && link.name === undefined) report(['name'], 'is missing');
  if (link.name !== undefined) checkKey(link.in, link.name, report);
}

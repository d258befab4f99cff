export { Secret } from './secret.js';
export { createIssuerFetch, type IssuerFetch, type IssuerRequest } from './issuer-http.js';
export { describeFailure, errorCode } from './failure.js';
export { discoverIssuer, DiscoveryError, metadataUrls, type IssuerMetadata } from './discovery.js';
export { IssuerKeys, KeysUnavailableError, UnknownKeyError, type IssuerKey, type IssuerKeysOptions } from './issuer-keys.js';
export { exchangeToken, TokenExchangeError, type ExchangedToken, type TokenExchangeRequest } from './token-exchange.js';
export type { ClientAuthentication } from './client.js';
export { introspectToken, IntrospectionError, type IntrospectionRequest } from './introspection.js';
export { grantClientCredentials, type ClientCredentialsRequest } from './client-credentials.js';

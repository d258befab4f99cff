/** Injection tokens of what is read once, at start. */

/** `readonly string[]`: exact public URLs, the first canonical. */
export const PUBLIC_URLS = Symbol('publicUrls');

/** `readonly string[]`: browser origins that may call `/mcp`, besides those of the public URLs. */
export const ALLOWED_ORIGINS = Symbol('allowedOrigins');

/** `readonly string[]`: absolute paths of the files that `modules` names. */
export const MODULE_FILES = Symbol('moduleFiles');

/** {@link GatewayEnvironment}. */
export const ENVIRONMENT = Symbol('environment');

export type GatewayEnvironment = 'production' | 'development';

import { Secret } from '@gatehouse-mcp/oauth';
import { GatewayError } from '../errors/gateway.error.js';

const MALFORMED = { code: 'invalid_request', status: 400 };

/** Longer than any provider issues, short enough to hash for nothing. */
export const LONGEST_TOKEN = 16 * 1024;

/**
 * Reads the one credential of a request: a bearer token (RFC 6750 §2.1), else an API key in `X-API-Key`. What stands in a query
 * string or body is never looked at.
 * @param rawHeaders names and values in turn, as Node received them: its joined view hides a second Authorization header
 * @returns undefined when the request carries none
 * @throws GatewayError 400 for two Authorization headers or a malformed one
 */
export function readCredential(rawHeaders: readonly string[]): Secret | undefined {
  const authorization = valueOf(rawHeaders, 'authorization');
  // With an Authorization header the key is not looked at, whatever becomes of the token: a refused one has no second chance.
  const apiKey = authorization === undefined ? valueOf(rawHeaders, 'x-api-key') : undefined;
  if (apiKey !== undefined) return toSecret(apiKey, 'the X-API-Key header is not one key');
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) return undefined;
  return toSecret(authorization.slice(7), 'the Authorization header is not "Bearer" and one token');
}

/** The value of a header that may stand there once. */
function valueOf(rawHeaders: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue;
    if (value !== undefined) throw new GatewayError(MALFORMED, `the request has more than one ${name === 'authorization' ? 'Authorization' : 'X-API-Key'} header`);
    value = rawHeaders[index + 1] ?? '';
  }
  return value;
}

function toSecret(token: string, problem: string): Secret {
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new GatewayError(MALFORMED, problem);
  return new Secret(token);
}

import { Secret } from '@gatehouse-mcp/oauth';
import { GatewayError } from '../errors/gateway.error.js';

const MALFORMED = { code: 'invalid_request', status: 400 };

/** Longer than any provider issues, short enough to hash for nothing. */
export const LONGEST_TOKEN = 16 * 1024;

/**
 * Reads the one bearer credential of a request (RFC 6750 §2.1). Tokens in a query string or body are never looked at.
 * @param rawHeaders names and values in turn, as Node received them: its joined view hides a second Authorization header
 * @returns undefined when the request carries no bearer credential
 * @throws GatewayError 400 when there are two, or the header is malformed
 */
export function readBearerToken(rawHeaders: readonly string[]): Secret | undefined {
  let header: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'authorization') continue;
    if (header !== undefined) throw new GatewayError(MALFORMED, 'the request has more than one Authorization header');
    header = rawHeaders[index + 1] ?? '';
  }
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) return undefined;
  const token = header.slice(7);
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) {
    throw new GatewayError(MALFORMED, 'the Authorization header is not "Bearer" and one token');
  }
  return new Secret(token);
}

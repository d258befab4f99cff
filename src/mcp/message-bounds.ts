import { findExcess } from '@gatehouse-mcp/openapi-tools';
import { GatewayError } from '../errors/gateway.error.js';

const TOO_COMPLEX = { code: 'too_complex', status: 400 };

/** @returns 400 `too_complex` for a message that is small to send and dear to parse; undefined for all else */
export function findTooComplex(text: string): GatewayError | undefined {
  const excess = findExcess(text);
  return excess === undefined ? undefined : new GatewayError(TOO_COMPLEX, `the message ${excess}`);
}

import { parseArguments } from '@gatehouse-mcp/openapi-tools';

/** Anything shorter is exact as a number. */
const longDigits = /\d{16}/;

/**
 * The message with the arguments of its call as they were written: an integer beyond 2^53 is a bigint there. Everything else of
 * a message, its id above all, stays what JSON.parse made of it.
 * @param text that the message was parsed from
 */
export function withExactArguments(message: unknown, text: string): unknown {
  if (!longDigits.test(text) || !isRecord(message) || !isRecord(message['params']) || !isRecord(message['params']['arguments'])) return message;
  const exact: unknown = parseArguments(text);
  const params = isRecord(exact) ? exact['params'] : undefined;
  return isRecord(params) ? { ...message, params: { ...message['params'], arguments: params['arguments'] } } : message;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

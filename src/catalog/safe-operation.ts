import type { Operation } from '@gatehouse-mcp/openapi-tools';

/** Whether calling it changes nothing: a safe method (RFC 9110 §9.2.1), unless its owner says that it does more. */
export const isSafe = ({ method, annotations }: Operation): boolean => method === 'GET' && annotations.readOnlyHint;

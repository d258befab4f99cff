import { randomUUID } from 'node:crypto';
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type InputRequiredResult,
  type JSONRPCNotification,
  type JSONRPCRequest,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/server';
import type { ConnectionRequiredError } from '../errors/connection-required.error.js';

/** How a client can be asked to open an address: in its era's way, or only by a text that its model reads. */
export type UrlElicitation = 'modern' | 'legacy' | 'none';

/**
 * Begins the session id of a legacy client that declared URL elicitation in `initialize`. The id is all that is kept of it: the client
 * brings it along with each request, to any replica. It says what the client can do, never who it is.
 */
const SESSION_PREFIX = 'url-elicitation.';

/** The session id to answer an `initialize` with; undefined for every other message and client. */
export function sessionIdFor({ method, params }: JSONRPCRequest | JSONRPCNotification): string | undefined {
  return method === 'initialize' && declaresUrls(params?.['capabilities']) ? `${SESSION_PREFIX}${randomUUID()}` : undefined;
}

/** @param sessionId the `Mcp-Session-Id` header */
export function findUrlElicitation(era: 'modern' | 'legacy', { params }: JSONRPCRequest | JSONRPCNotification, sessionId: string | string[] | undefined): UrlElicitation {
  if (era === 'legacy') return String(sessionId).startsWith(SESSION_PREFIX) ? 'legacy' : 'none';
  return declaresUrls(params?.['_meta']?.[CLIENT_CAPABILITIES_META_KEY]) ? 'modern' : 'none';
}

/**
 * The answer to a call that needs its user to connect something first; repeated afterwards, the call succeeds.
 * @throws UrlElicitationRequiredError (-32042) towards a legacy client that can open addresses
 */
export function askToConnect({ message, url }: ConnectionRequiredError, how: UrlElicitation): CallToolResult | InputRequiredResult {
  if (how === 'modern') return inputRequired({ inputRequests: { connect: inputRequired.elicitUrl({ message, url }) } });
  if (how === 'legacy') throw new UrlElicitationRequiredError([{ mode: 'url', message, url, elicitationId: randomUUID() }], message);
  return { content: [{ type: 'text', text: `${message}. Ask the user to open this link, then call the tool again: ${url}` }], isError: true };
}

function declaresUrls(capabilities: unknown): boolean {
  const elicitation = member(capabilities, 'elicitation');
  const url = member(elicitation, 'url');
  return typeof url === 'object' && url !== null;
}

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);

import { randomUUID } from 'node:crypto';
import { type CallToolResult, inputRequired, type InputRequiredResult, UrlElicitationRequiredError } from '@modelcontextprotocol/server';
import type { ConnectionRequiredError } from '../errors/connection-required.error.js';
import type { UrlElicitation } from './client-facts.js';

/**
 * The answer to a call that needs its user to connect something first; repeated afterwards, the call succeeds.
 * @throws UrlElicitationRequiredError (-32042) towards a legacy client that can open addresses
 */
export function askToConnect({ message, url }: ConnectionRequiredError, how: UrlElicitation): CallToolResult | InputRequiredResult {
  if (how === 'modern') return inputRequired({ inputRequests: { connect: inputRequired.elicitUrl({ message, url }) } });
  if (how === 'legacy') throw new UrlElicitationRequiredError([{ mode: 'url', message, url, elicitationId: randomUUID() }], message);
  return { content: [{ type: 'text', text: `${message}. Ask the user to open this link, then call the tool again: ${url}` }], isError: true };
}

import { randomUUID } from 'node:crypto';
import { inputRequired, type InputRequiredResult, UrlElicitationRequiredError } from '@modelcontextprotocol/server';
import type { ConnectionRequiredError } from '../errors/connection-required.error.js';
import type { UrlElicitation } from './client-facts.js';

/**
 * The answer to a request that needs its user to connect something first; repeated afterwards, it succeeds.
 * @returns undefined for a client that can open no addresses: it is told by {@link adviseToConnect}
 * @throws UrlElicitationRequiredError (-32042) towards a legacy client that can open addresses
 */
export function askToConnect({ message, url }: ConnectionRequiredError, how: UrlElicitation): InputRequiredResult | undefined {
  if (how === 'modern') return inputRequired({ inputRequests: { connect: inputRequired.elicitUrl({ message, url }) } });
  if (how === 'legacy') throw new UrlElicitationRequiredError([{ mode: 'url', message, url, elicitationId: randomUUID() }], message);
  return undefined;
}

/** @param what is to be done again, as "call the tool" */
export const adviseToConnect = ({ message, url }: ConnectionRequiredError, what: string): string => `${message}. Ask the user to open this link, then ${what} again: ${url}`;

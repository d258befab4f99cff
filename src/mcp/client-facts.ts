import { randomUUID } from 'node:crypto';
import { clientProfiles } from '@gatehouse-mcp/openapi-tools';
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, type JSONRPCNotification, type JSONRPCRequest } from '@modelcontextprotocol/server';
import type { FindProfile } from './client-profiles.js';

/** How a client can be asked to open an address: in its era's way, or only by a text that its model reads. */
export type UrlElicitation = 'modern' | 'legacy' | 'none';

/** What is known of the client of a message: what it can do, never who it is. */
export interface ClientFacts {
  readonly urlElicitation: UrlElicitation;
  /** Whose limits its tools have to keep; undefined: nothing is known of it. */
  readonly profile: string | undefined;
}

type Message = JSONRPCRequest | JSONRPCNotification;

/**
 * Facts of a legacy client that it tells once, in `initialize`, stand in its session id, joined by dots before a UUID. The id is all that is
 * kept of them: the client brings it along with each request, to any replica. It is not signed, because nothing is granted by it: whoever
 * makes one up is asked to open addresses, or sees its own tools in the words of another client.
 */
const URL_ELICITATION = 'url-elicitation';
const PROFILE = 'profile-';
const LONGEST_ID = 200;

/**
 * The session id to answer an `initialize` with; undefined for every other message. A client of which nothing is known gets one too: some open
 * their stream only when they have one, and it tells one user's programs apart where they cancel calls.
 */
export function sessionIdFor({ method, params }: Message, findProfile: FindProfile): string | undefined {
  if (method !== 'initialize') return undefined;
  const profile = findProfile(member(params?.['clientInfo'], 'name'));
  const facts = [...(declaresUrls(params?.['capabilities']) ? [URL_ELICITATION] : []), ...(profile === undefined ? [] : [PROFILE + profile])];
  return [...facts, randomUUID()].join('.');
}

/** @param sessionId the `Mcp-Session-Id` header */
export function readClientFacts(era: 'modern' | 'legacy', { method, params }: Message, sessionId: string | string[] | undefined, findProfile: FindProfile): ClientFacts {
  if (era === 'modern') {
    const meta = params?.['_meta'];
    return {
      urlElicitation: declaresUrls(meta?.[CLIENT_CAPABILITIES_META_KEY]) ? 'modern' : 'none',
      profile: findProfile(member(meta?.[CLIENT_INFO_META_KEY], 'name')),
    };
  }
  const { urlElicitation, profile } = readSessionId(sessionId);
  return { urlElicitation, profile: method === 'initialize' ? findProfile(member(params?.['clientInfo'], 'name')) : profile };
}

/**
 * Whether results of the revision have resource links.
 * @param version of the request or its session; since 2025-06-18 each request names it, so one that names none is of 2025-03-26
 */
export const takesResourceLinks = (version: unknown): boolean => typeof version === 'string' && version >= '2025-06-18';

function readSessionId(sessionId: string | string[] | undefined): ClientFacts {
  const facts = typeof sessionId === 'string' && sessionId.length <= LONGEST_ID ? sessionId.split('.').slice(0, -1) : [];
  const profile = facts.find((fact) => fact.startsWith(PROFILE))?.slice(PROFILE.length);
  return {
    urlElicitation: facts.includes(URL_ELICITATION) ? 'legacy' : 'none',
    profile: profile !== undefined && Object.hasOwn(clientProfiles, profile) ? profile : undefined,
  };
}

function declaresUrls(capabilities: unknown): boolean {
  const elicitation = member(capabilities, 'elicitation');
  const url = member(elicitation, 'url');
  return typeof url === 'object' && url !== null;
}

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);

import { boundAnswers, createIssuerFetch, describeFailure, EndpointUnavailableError } from '@gatehouse-mcp/oauth';
import type { FetchLike } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import { CommandError } from '../command.error.js';

const TIMEOUT_MS = 15_000;
const LARGEST_ANSWER = 1024 * 1024;

const isLoopback = ({ hostname }: URL): boolean => /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.*\.)?localhost)$/.test(hostname);

/**
 * Whether a credential may go there, or a browser: HTTPS, or HTTP on this machine. What a server elsewhere names must not lead
 * back to this machine.
 * @param server whose documents named the URL; the URL itself for the one that the user typed
 */
export function isSafe(url: URL, server: URL): boolean {
  if (isLoopback(url)) return isLoopback(server) && (url.protocol === 'https:' || url.protocol === 'http:');
  return url.protocol === 'https:';
}

/** @throws CommandError for an address that `what` must not have */
export function assertSafe(address: string, server: URL, what: string): URL {
  if (!URL.canParse(address)) throw new CommandError(`${what} is no URL`);
  const url = new URL(address);
  if (!isSafe(url, server)) throw new CommandError(`${what} is ${url.protocol}//${url.host}: only https is used, or http from this machine to itself`);
  return url;
}

/** The fetch of metadata, registration and tokens: bounded, checked address by address, since the SDK follows redirects of one origin. */
export function createCheckedFetch(server: URL, dispatcher: Dispatcher): FetchLike {
  const bounded = boundAnswers(createIssuerFetch(dispatcher, TIMEOUT_MS), LARGEST_ANSWER);
  return async (address, init = {}) => {
    const url = assertSafe(String(address), server, 'an address that sign-in leads to');
    try {
      return await bounded(url.href, {
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(init.method === undefined ? {} : { method: init.method }),
        ...(init.body === undefined || init.body === null ? {} : { body: String(init.body) }),
      });
    } catch (error) {
      throw new CommandError(`${url.origin} ${error instanceof EndpointUnavailableError ? error.message : `cannot be reached (${describeFailure(error)})`}`);
    }
  };
}

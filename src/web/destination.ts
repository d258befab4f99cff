import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { identifier } from '../config/configuration.values.js';
import { GatewayError } from '../errors/gateway.error.js';

/** Where somebody wants to go who has to sign in first: names only, from which the path is made. */
const destination = z.object({
  /** Whose providers are offered. */
  tenant: identifier.optional(),
  connection: identifier.optional(),
  /** The sealed owner of a link (connect-links.ts). */
  for: z.string().regex(/^[\w.-]{1,2000}$/).optional(),
});

export type Destination = z.output<typeof destination>;

/** The query of a request as it came. */
export function readQuery({ url }: Pick<FastifyRequest, 'url'>): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}

/** @throws GatewayError 404 for what is none of our pages */
export function readDestination(query: URLSearchParams, more: Readonly<Record<string, string>> = {}): Destination {
  const result = destination.safeParse({ ...Object.fromEntries(query), ...more });
  if (!result.success) throw new GatewayError({ code: 'not_found', status: 404 }, 'there is no such page');
  return result.data;
}

/** One of our own pages, whatever was asked for. */
export function pathOf({ connection, for: link }: Destination): string {
  if (connection === undefined) return '/connections';
  return `/connections/to/${connection}${link === undefined ? '' : `?for=${encodeURIComponent(link)}`}`;
}

/** The page that begins a sign-in, and afterwards leads on. */
export function signInPath(provider: string, wanted: Destination): string {
  const query = new URLSearchParams(Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return `/connections/sign-in/${provider}${query.size > 0 ? `?${query.toString()}` : ''}`;
}

/**
 * Lets the users of a legacy portal in with the session tickets that it hands out:
 *
 *   pst_ BASE64URL(JSON) . BASE64URL(HMAC-SHA-256 of the first part under the portal's key)
 *
 * The JSON names the user, the site that the ticket is for, its end and the user's rights. What is returned here are claims:
 * Gatehouse judges life, audience and tenant itself, and forgets the answer after `cacheFor`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const TICKET = /^pst_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/**
 * @param {{ options: Record<string, unknown>, secrets: Record<string, { reveal(): string }>, fetch: Function }} parts what the configuration gives this provider
 * @returns {(token: string) => Record<string, unknown>} claims, or `{ refused: 'why' }`; what it throws is answered with 503
 */
export default function createVerifier({ options, secrets }) {
  const { ticketKey } = secrets;
  const { rights = {} } = options;
  if (!ticketKey || ticketKey.reveal().length < 32) throw new Error('secrets.ticketKey must have 32 characters or more');

  return (ticket) => {
    const [, body = '', signature = ''] = TICKET.exec(ticket) ?? [];
    const expected = createHmac('sha256', ticketKey.reveal()).update(body).digest();
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { refused: 'the ticket was not made by the portal' };
    const { user, site, until, since, groups = [], binding } = JSON.parse(Buffer.from(body, 'base64url').toString());
    return {
      sub: user,
      aud: site,
      exp: until,
      iat: since,
      scope: groups.flatMap((group) => (Object.hasOwn(rights, group) ? rights[group] : [])).join(' '),
      // A ticket that is bound to a browser's key is not for other clients to use.
      ...(binding === undefined ? {} : { cnf: { jkt: binding } }),
    };
  };
}

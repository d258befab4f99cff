/**
 * Makes a ticket as the portal would, to try the verifier with:
 *
 *   PORTAL_TICKET_KEY=… node examples/custom-verifier/ticket.mjs '{ "user": "u-17", "site": "agents", "groups": ["sales"] }'
 */
import { createHmac } from 'node:crypto';
import { pathToFileURL } from 'node:url';

/** Tickets last ten minutes unless they say when they end (seconds since the epoch). */
export function makeTicket(key, { until = Math.floor(Date.now() / 1_000) + 600, ...content }) {
  const body = Buffer.from(JSON.stringify({ until, ...content })).toString('base64url');
  return `pst_${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(makeTicket(process.env.PORTAL_TICKET_KEY ?? '', JSON.parse(process.argv[2] ?? '{}')));

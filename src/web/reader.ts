import type { Reader } from './pages/frame.js';
import type { Visit } from './session/browser-sessions.js';

/** A visitor as the pages call them. */
export function toReader({ session: { name, email, subject, tenant, csrf } }: Visit): Reader {
  return { name: name ?? email ?? subject, tenant, csrf };
}

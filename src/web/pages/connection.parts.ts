import type { ConnectionView } from '../../credentials/vault/connections.js';
import { html, type Html } from '../html.js';
import { type Reader, renderForm } from './frame.js';

const STATES: Readonly<Record<ConnectionView['state'], string>> = { none: 'Not connected', connected: 'Connected', lost: 'Has to be connected again' };

export const pathOf = ({ name }: Pick<ConnectionView, 'name'>, action = ''): string => `/connections/to/${name}${action}`;

export function renderState({ state }: ConnectionView): Html {
  return html`<span class="state ${state}">${STATES[state]}</span>`;
}

/** What is known of a connection. */
export function renderFacts({ type, state, apis, scopes, connectedAt, lastUsedAt }: ConnectionView): Html {
  const isThere = state !== 'none';
  return html`<dl>
<dt>Used for</dt><dd>${apis.length > 0 ? apis.join(', ') : 'no API'}</dd>
${isThere && type === 'oauth' && html`<dt>Access</dt><dd>${renderScopes(scopes)}</dd>`}
${connectedAt && html`<dt>Since</dt><dd>${renderTime(connectedAt)}</dd>`}
${isThere && html`<dt>Last use</dt><dd>${lastUsedAt ? renderTime(lastUsedAt) : 'never'}</dd>`}
</dl>`;
}

function renderScopes(scopes: ConnectionView['scopes']): string {
  if (scopes === null) return 'what you agreed to there; the server does not report it';
  return scopes.length > 0 ? scopes.join(', ') : 'nothing in particular';
}

function renderTime(time: Date): Html {
  const text = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(time);
  return html`<time datetime="${time.toISOString()}">${text} UTC</time>`;
}

export function renderConnect(view: ConnectionView, reader: Reader): Html {
  return renderForm(pathOf(view, '/connect'), reader, html`<button>${view.state === 'none' ? 'Connect' : 'Connect again'}</button>`);
}

/** Two steps without a script: the second is what it says. */
export function renderDisconnect(view: ConnectionView, reader: Reader): Html {
  const [what, consequence] = view.type === 'oauth' ? ['Disconnect', 'Access is ended and what is kept of it is deleted.'] : ['Remove', 'What you saved is deleted.'];
  return html`<details><summary>${what}</summary><p>${consequence} Calls that need it fail until you connect again.</p>${renderForm(pathOf(view, '/disconnect'), reader, html`<button class="danger">${what} ${view.title}</button>`)}</details>`;
}

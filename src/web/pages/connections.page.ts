import type { ConnectionView } from '../../credentials/vault/connections.js';
import { html, type Html } from '../html.js';
import { pathOf, renderConnect, renderDisconnect, renderFacts, renderState } from './connection.parts.js';
import { type Reader, renderPage } from './frame.js';

/** What was done a moment ago; the text is ours, whatever an address says. */
const DONE: Readonly<Record<string, (title: string) => string>> = {
  connected: (title) => `${title} is connected. Go back to your assistant and let it try again.`,
  saved: (title) => `${title} is saved; it is never shown again. Go back to your assistant and let it try again.`,
  disconnected: (title) => `${title} is disconnected, and its server has confirmed that the access is ended.`,
  removed: (title) => `${title} is removed here.`,
  forgotten: (title) => `${title} is deleted here, but its server has not confirmed that the access is ended. End it in your account there, too.`,
};

export type Done = 'connected' | 'saved' | 'disconnected' | 'removed' | 'forgotten';

/** Where a form leads when it is done. */
export const donePath = (done: Done, name: string): string => `/connections?done=${done}&name=${encodeURIComponent(name)}`;

/** The list. */
export function renderConnections(reader: Reader, views: readonly ConnectionView[], query: URLSearchParams): Html {
  const body = html`${renderDone(views, query)}
<p class="soft">Assistants that you use reach these services as you. Only you can connect them, and you can end it at any time.</p>
${views.length === 0 ? html`<p>There is nothing to connect.</p>` : html`<ul class="cards">${views.map((view) => renderCard(view, reader))}</ul>`}`;
  return renderPage({ title: 'My connections', reader, body });
}

function renderDone(views: readonly ConnectionView[], query: URLSearchParams): Html | undefined {
  const done = query.get('done') ?? '';
  const view = views.find(({ name }) => name === query.get('name'));
  const message = Object.hasOwn(DONE, done) && view ? DONE[done]?.(view.title) : undefined;
  return message === undefined ? undefined : html`<p class="notice" role="status">${message}</p>`;
}

function renderCard(view: ConnectionView, reader: Reader): Html {
  const connect = view.type === 'oauth' ? renderConnect(view, reader) : html`<a class="button" href="${pathOf(view)}">${view.state === 'none' ? 'Add' : 'Replace'}</a>`;
  return html`<li class="card"><div class="head"><h2>${view.title}</h2>${renderState(view)}</div>
${renderFacts(view)}
<div class="actions">${connect}${view.state !== 'none' && renderDisconnect(view, reader)}</div></li>`;
}

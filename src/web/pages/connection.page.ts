import type { ConnectionView } from '../../credentials/vault/connections.js';
import { html, type Html } from '../html.js';
import { pathOf, renderConnect, renderDisconnect, renderFacts, renderState } from './connection.parts.js';
import { type Reader, renderForm, renderPage } from './frame.js';

/** One connection: what it is, for what, for whom, and one thing to do. */
export function renderConnection(reader: Reader, view: ConnectionView): Html {
  const action = view.type === 'oauth' ? renderConnect(view, reader) : renderSecretForm(reader, view);
  const body = html`<div class="card"><div class="head"><h2>${view.title}</h2>${renderState(view)}</div>
${renderFacts(view)}
<p>${explain(view)} It will be used for <strong>${reader.name}</strong> only, and for nothing but the APIs above.</p>
<div class="actions">${action}${view.state !== 'none' && renderDisconnect(view, reader)}</div></div>
<p class="actions"><a href="/connections">All my connections</a></p>`;
  return renderPage({ title: `${view.state === 'none' ? 'Connect' : 'Your connection to'} ${view.title}`, reader, body });
}

function explain({ type, title, help }: ConnectionView): Html {
  if (type === 'oauth') return html`You go to ${title}, sign in there, and decide what an assistant may do in your account.`;
  return html`${help !== undefined && html`${help} `}It is kept encrypted and never shown again.`;
}

function renderSecretForm(reader: Reader, view: ConnectionView): Html {
  const username = html`<label for="username">User name</label><input id="username" name="username" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="500">`;
  const label = view.kind === 'password' ? 'Password' : 'Key';
  const fields = html`${view.kind === 'password' && username}<label for="secret">${label}</label><input id="secret" name="secret" type="password" autocomplete="off" required maxlength="8000"><button>Save</button>`;
  return renderForm(pathOf(view, '/secret'), reader, fields);
}

/** On the way to a connection's server. A page and not a redirect: `form-action` would hold for it and for every redirect after it. */
export function renderContinue(reader: Reader, title: string, next: URL): Html {
  const body = html`<p>You are going on to <strong>${next.host}</strong>, where you decide.</p><p><a class="button" href="${next.href}" rel="noreferrer">Go on to ${next.host}</a></p>`;
  return renderPage({ title: `Connect ${title}`, reader, next, body });
}

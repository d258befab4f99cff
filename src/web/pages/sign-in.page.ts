import { html, type Html } from '../html.js';
import { renderPage } from './frame.js';

/** Who people can sign in at. */
export interface ProviderLink {
  readonly name: string;
  readonly href: string;
}

export function renderSignIn(providers: readonly ProviderLink[]): Html {
  const body = html`<p>Choose where you sign in. Gatehouse sees no password of yours.</p>
<ul class="cards">${providers.map(({ name, href }) => html`<li><a class="button" href="${href}">Sign in with ${name}</a></li>`)}</ul>`;
  return renderPage({ title: 'Sign in', body });
}

export function renderSignedOut(): Html {
  const body = html`<p>You are signed out of these pages. Your connections stay, and so does your session at your identity provider.</p>
<p><a class="button" href="/connections">Sign in again</a></p>`;
  return renderPage({ title: 'Signed out', body });
}

import type { GatewayError } from '../../errors/gateway.error.js';
import { html, type Html } from '../html.js';
import { type Reader, renderForm, renderPage } from './frame.js';

interface Advice {
  readonly title: string;
  /** What the reader can do. */
  readonly advice: string;
}

/** By the code of the error. */
const ADVICE: Readonly<Record<string, Advice>> = {
  not_found: { title: 'Not found', advice: 'Your connections are all in one list.' },
  no_tenant: { title: 'Not for you yet', advice: 'Ask whoever runs this gateway to let you in.' },
  tenant_suspended: { title: 'Suspended', advice: 'Ask whoever runs this gateway.' },
  signed_out: { title: 'Signed out', advice: 'Nothing was changed. Sign in and try once more.' },
  sign_in_expired: { title: 'That sign-in is over', advice: 'Begin again in this browser, which must accept cookies.' },
  sign_in_refused: { title: 'You were not signed in', advice: 'Try once more; if it stays so, show this page to whoever runs this gateway.' },
  cross_site_form: { title: 'Not accepted', advice: 'Nothing was changed. Open your connections and try once more from there.' },
  rate_limited: { title: 'Too fast', advice: 'Wait a minute and try once more.' },
  link_expired: { title: 'This link is over', advice: 'Let your assistant try again, which brings a new one, or connect from the list.' },
  invalid_state: { title: 'That attempt is over', advice: 'Nothing was connected. Begin again from your connections, and finish in the same browser.' },
  connection_refused: { title: 'Not connected', advice: 'Nothing was connected. Begin again from your connections.' },
  connection_unavailable: { title: 'Not reachable now', advice: 'Nothing was connected. Try again in a few minutes.' },
  identity_provider_unavailable: { title: 'Not reachable now', advice: 'Try again in a few minutes.' },
  invalid_secret: { title: 'Not saved', advice: 'Go back and type it once more.' },
};

export function renderError({ code, status, message }: Pick<GatewayError, 'code' | 'status' | 'message'>): Html {
  const { title, advice } = (Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined) ?? { title: status >= 500 ? 'That did not work' : 'Not possible', advice: 'Try again in a few minutes.' };
  const body = html`<p class="notice problem" role="alert">${sentence(message)}</p><p>${advice}</p><p><a class="button" href="/connections">My connections</a></p>`;
  return renderPage({ title, body });
}

/** A link that was made for somebody else: it does not say for whom. */
export function renderForeignLink(reader: Reader): Html {
  const body = html`<p class="notice problem" role="alert">This link was made for somebody else, so nothing was connected.</p>
<p>Did somebody send it to you? Do not go on: your account would have been connected to theirs. Tell whoever runs this gateway.</p>
<p>Is it your own, and you are signed in as somebody else here? Sign out, open the link again, and sign in as yourself.</p>
<div class="actions">${renderForm('/connections/sign-out', reader, html`<button>Sign out</button>`)}</div>`;
  return renderPage({ title: 'Not your link', reader, body });
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

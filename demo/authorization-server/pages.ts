import { escapeHtml, renderPage } from './page.js';
import { users } from './users.js';

export interface LoginPage {
  readonly action: string;
  readonly client: string;
  readonly problem?: string;
}

export interface ConsentPage {
  readonly action: string;
  readonly client: string;
  readonly user: string;
  readonly tenant: string;
  readonly resources: readonly string[];
  readonly granted: readonly string[];
  readonly withheld: readonly string[];
  /** Undefined when another device waits for the answer. */
  readonly redirectHost: string | undefined;
}

const scopeMeanings: Readonly<Record<string, string>> = {
  openid: 'know who you are',
  offline_access: 'stay signed in when you are away',
  'orders:read': 'read your orders',
  'orders:write': 'create, change and delete your orders',
};

export function renderLoginPage(page: LoginPage): string {
  const names = users.map((user) => `<li><b>${escapeHtml(user.name)}</b> of ${escapeHtml(user.tenant)}</li>`).join('');
  return renderPage(
    'Sign in',
    `<p><b>${escapeHtml(page.client)}</b> asks you to sign in.</p>
    ${page.problem ? `<p class="problem" role="alert">${escapeHtml(page.problem)}</p>` : ''}
    <form method="post" action="${escapeHtml(page.action)}">
      <label for="user">User</label><input id="user" name="user" autocomplete="username" required autofocus>
      <label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
      <button>Sign in</button>
    </form>
    <p class="note">This is a demo. The password is the same as the user name:</p><ul class="note">${names}</ul>`,
  );
}

export function renderConsentPage(page: ConsentPage): string {
  const withheld = page.withheld.map(describeScope).join('');
  return renderPage(
    'Allow access?',
    `<p><b>${escapeHtml(page.client)}</b> wants to act for <b>${escapeHtml(page.user)}</b> of ${escapeHtml(page.tenant)}
    at ${page.resources.map((resource) => `<code>${escapeHtml(resource)}</code>`).join(', ') || 'this server'}. It could:</p>
    <ul>${page.granted.map(describeScope).join('')}</ul>
    ${withheld ? `<p class="note">It also asked for this, which your account may not do:</p><ul class="note">${withheld}</ul>` : ''}
    <p class="note">${page.redirectHost === undefined ? 'You go back to your device.' : `You go on to <code>${escapeHtml(page.redirectHost)}</code>.`}</p>
    <form method="post" action="${escapeHtml(page.action)}">
      <button name="decision" value="allow">Allow</button>
      <button name="decision" value="deny" class="plain">Deny</button>
    </form>`,
  );
}

export function renderErrorPage(error: string, description: string | undefined): string {
  return renderPage('That did not work', `<p class="problem">${escapeHtml(error)}</p><p>${escapeHtml(description ?? '')}</p>`);
}

function describeScope(scope: string): string {
  return `<li>${escapeHtml(scopeMeanings[scope] ?? scope)} <code>${escapeHtml(scope)}</code></li>`;
}

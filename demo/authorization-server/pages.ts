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
  readonly redirectHost: string;
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
    <p class="note">You go on to <code>${escapeHtml(page.redirectHost)}</code>.</p>
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

function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · demo authorization server</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
  h1 { font-size: 1.4rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  label { margin-top: .8rem }
  input, button { padding: .5rem .7rem; border: 1px solid #8886; border-radius: .4rem }
  button { margin-top: 1rem; background: #2456c8; color: #fff; cursor: pointer }
  button.plain { background: none; color: inherit }
  .problem { color: #c22 }
  .note { opacity: .75; font-size: .9rem }
</style></head>
<body><h1>${escapeHtml(title)}</h1>${body}</body></html>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

import { escapeHtml, renderPage } from './page.js';

/** A form of the verification page: where it goes, and the proof that this browser was given it. */
export interface DeviceForm {
  readonly action: string;
  readonly xsrf: string;
}

export interface UserCodePage extends DeviceForm {
  /** Typed before, or carried by the link (`verification_uri_complete`). */
  readonly userCode?: string | undefined;
  readonly problem?: string | undefined;
}

export interface ConfirmPage extends DeviceForm {
  readonly client: string;
  readonly userCode: string;
}

export function renderUserCodePage({ action, xsrf, userCode = '', problem }: UserCodePage): string {
  return renderPage(
    'Connect a device',
    `${problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
    <form method="post" action="${escapeHtml(action)}">
      <input type="hidden" name="xsrf" value="${escapeHtml(xsrf)}">
      <label for="user_code">The code that your device shows</label>
      <input id="user_code" name="user_code" class="code" value="${escapeHtml(userCode)}" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus>
      <button>Continue</button>
    </form>`,
  );
}

/** RFC 8628 section 5.4: the person compares the codes, so that nobody connects somebody else's device. */
export function renderConfirmPage({ action, xsrf, client, userCode }: ConfirmPage): string {
  return renderPage(
    'Is this your device?',
    `<p><b>${escapeHtml(client)}</b> asks to be connected. It shows this code:</p>
    <p class="code"><code>${escapeHtml(userCode)}</code></p>
    <form method="post" action="${escapeHtml(action)}">
      <input type="hidden" name="xsrf" value="${escapeHtml(xsrf)}">
      <input type="hidden" name="user_code" value="${escapeHtml(userCode)}">
      <button name="confirm" value="yes">Yes, connect it</button>
      <button name="abort" value="yes" class="plain">No</button>
    </form>
    <p class="note">Did somebody send you this link or code? Then choose No.</p>`,
  );
}

export function renderConnectedPage(client: string): string {
  return renderPage('Connected', `<p><b>${escapeHtml(client)}</b> is signed in. You can close this page and go back to your device.</p>`);
}

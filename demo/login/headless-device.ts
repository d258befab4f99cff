import { CookieJar } from './cookie-jar.js';
import { createAnswers, type HeadlessPerson } from './headless-login.js';
import type { PageForm } from './page-form.js';
import { walk } from './walk.js';

export interface HeadlessDevice extends HeadlessPerson {
  /** `verification_uri`, or the link that carries the code (RFC 8628 section 3.2). */
  readonly verificationUri: string;
  /** Typed in where the page has no code yet. */
  readonly userCode: string;
  /** Whether the person recognises the device. */
  readonly recognises?: boolean;
}

/**
 * Does what a person does with the code of a device: opens the page, sends the code, compares it, signs in and allows.
 * @returns the HTML of the last page, which says what came of it
 */
export async function connectDeviceHeadless(device: HeadlessDevice): Promise<string> {
  const { verificationUri, userCode, recognises = true } = device;
  const answer = createAnswers(device);
  let hasSentCode = false;
  const fillIn = ({ fields, filled, ...form }: PageForm): Record<string, string> => {
    if (fields.includes('confirm')) return recognises ? { confirm: 'yes' } : { abort: 'yes' };
    if (!fields.includes('user_code')) return answer({ ...form, fields, filled });
    if (hasSentCode) throw new AskedAgain();
    hasSentCode = true;
    return { user_code: filled['user_code'] || userCode };
  };
  const { url, page } = await walk(new URL(verificationUri), { stopsAt: () => false, fillIn }, device.cookies ?? new CookieJar());
  if (!page) throw new Error(`${url.href} is no page`);
  return page.html;
}

/** The page asks for a code once more: the one that was sent is no good, or the person said no. */
export class AskedAgain extends Error {
  override readonly name = 'AskedAgain';
  override readonly message = 'the page asks for the code again';
}

/**
 * Stands for the browser that a client opens: signs in as $INTEROP_USER and follows the redirect to the client's own callback.
 *
 *   node browser.mjs URL [--print]      --print: says where the redirect leads instead of following it
 */
import { signIn } from './person.mjs';

const CALLBACK_MS = 10_000;
const [, , address = '', mode] = process.argv;
const callback = await signIn(process.env.INTEROP_USER ?? 'alice', new URL(address));
if (mode === '--print') process.stdout.write(callback.href);
else await follow(callback);

/** A client may open its callback's port only after the browser. @param {URL} url */
async function follow(url) {
  const deadline = Date.now() + CALLBACK_MS;
  for (;;) {
    try {
      const response = await fetch(url);
      await response.text();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

import { obtainToken } from './login/code-flow.js';
import { parseTokenOptions } from './token.options.js';
import { UsageError } from './usage.error.js';

/** `npm run -s demo:token -- alice`: prints an access token of the running demo, and nothing else. */
try {
  const { issuer, user, audience, scope } = parseTokenOptions(process.argv.slice(2));
  await assertRunning(issuer);
  const tokens = await obtainToken({ issuer, user, resource: audience, scope });
  process.stdout.write(`${tokens.access_token}\n`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`demo:token: ${message.replaceAll('\n', ' ')}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function assertRunning(issuer: string): Promise<void> {
  const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`, { signal: AbortSignal.timeout(5000) }).catch((cause: unknown) => {
    throw new Error(`no demo answers at ${issuer}: start it with "npm run demo" (and the same --port-base)`, { cause });
  });
  const metadata: unknown = await response.json().catch(() => undefined);
  if (typeof metadata === 'object' && metadata !== null && 'issuer' in metadata && metadata.issuer === issuer) return;
  throw new Error(`what answers at ${issuer} is not the demo's authorization server`);
}

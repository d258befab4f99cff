import { parseArgs } from 'node:util';
import { users } from './authorization-server/users.js';
import { defaultPortBase, derivePorts, gatewayUrlsAt, issuerAt, parsePortBase } from './ports.js';
import { UsageError } from './usage.error.js';

export interface TokenOptions {
  readonly user: string;
  readonly issuer: string;
  readonly audience: string;
  readonly scope: string;
}

const names = users.map((user) => user.name).join(', ');

export const tokenUsage = `usage: npm run -s demo:token -- USER [--audience URL] [--scope "SCOPE …"] [--port-base N]   (USER: ${names})`;

/** @throws UsageError with one line for people. */
export function parseTokenOptions(args: readonly string[]): TokenOptions {
  const { values, positionals } = readArguments(args);
  const [user, ...others] = positionals;
  if (user === undefined || others.length > 0) throw new UsageError(tokenUsage);
  if (!users.some((known) => known.name === user)) throw new UsageError(`unknown user ${JSON.stringify(user)}: the demo knows ${names}`);
  const portBase = values['port-base'] === undefined ? defaultPortBase : parsePortBase(values['port-base']);
  if (portBase === undefined) throw new UsageError('--port-base must be a number from 1024 to 65303');
  const ports = derivePorts(portBase);
  const audience = values.audience ?? `${gatewayUrlsAt(ports.gateway)[0]}/mcp`;
  if (!URL.canParse(audience) || audience.includes('#')) throw new UsageError('--audience must be an absolute URL without a fragment');
  const scope = values.scope ?? 'openid orders:read orders:write';
  if (!/^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/.test(scope)) throw new UsageError('--scope must be scopes with single spaces between them');
  return { user, issuer: issuerAt(ports.authorizationServer), audience, scope };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { audience: { type: 'string' }, scope: { type: 'string' }, 'port-base': { type: 'string' } },
    });
  } catch (cause) {
    throw new UsageError(tokenUsage, { cause });
  }
}

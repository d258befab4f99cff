import { parseArgs } from 'node:util';
import { validateClientMetadataUrl } from '@modelcontextprotocol/client';
import { duration } from '../../config/configuration.values.js';
import type { Environment } from '../../config/environment.js';
import { SecretReader } from '../../config/secret-reference.js';
import { readHeaders } from '../header.option.js';
import { UsageError } from '../usage.error.js';
import type { ClientChoice } from './client.registration.js';
import { isSafe } from './checked-fetch.js';

const OPTIONS = {
  header: { type: 'string', multiple: true },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'client-metadata-url': { type: 'string' },
  'callback-port': { type: 'string' },
  'login-timeout': { type: 'string', default: '5m' },
  'omit-resource': { type: 'boolean', default: false },
} as const;

export interface ConnectOptions {
  readonly endpoint: URL;
  /** Sent in place of a sign-in; empty for a sign-in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly client: ClientChoice;
  readonly callbackPort: number | undefined;
  /** Milliseconds. */
  readonly patience: number;
  readonly omitsResource: boolean;
}

/** @throws UsageError */
export function readConnectOptions(args: readonly string[], environment: Environment): ConnectOptions {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new UsageError('connect needs one URL, that of the MCP endpoint');
  const patience = duration.safeParse(values['login-timeout']);
  if (!patience.success) throw new UsageError('--login-timeout must be a duration such as 90s or 5m');
  const headers = Object.fromEntries(readHeaders(values.header ?? [], environment));
  const client = readClient(values['client-id'], values['client-secret'], values['client-metadata-url'], environment);
  if (Object.keys(headers).length > 0 && client.kind !== 'dynamic') throw new UsageError('--header takes the place of a sign-in: leave out what --client-… says, or --header');
  return { endpoint: readEndpoint(url), headers, client, callbackPort: readPort(values['callback-port']), patience: patience.data, omitsResource: values['omit-resource'] };
}

function readEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') throw new UsageError(`connect needs the URL of an MCP endpoint, without user name and password`);
  if (!isSafe(url, url)) throw new UsageError(`${url.origin}: a token goes over https only, or over http to this machine`);
  url.hash = '';
  return url;
}

function readClient(id: string | undefined, secret: string | undefined, documentUrl: string | undefined, environment: Environment): ClientChoice {
  if (documentUrl !== undefined) {
    if (id !== undefined || secret !== undefined) throw new UsageError('--client-metadata-url is a client id of its own: leave out --client-id and --client-secret');
    try {
      validateClientMetadataUrl(documentUrl);
    } catch {
      throw new UsageError('--client-metadata-url must be an https URL with a path');
    }
    return { kind: 'document', url: documentUrl };
  }
  if (id === undefined) {
    if (secret !== undefined) throw new UsageError('--client-secret needs --client-id');
    return { kind: 'dynamic' };
  }
  if (secret !== undefined && !/^(?:env|file):./.test(secret)) throw new UsageError('--client-secret must be env:NAME or file:PATH: other users of this machine see the command line');
  return { kind: 'static', id, secret: secret === undefined ? undefined : new SecretReader(process.cwd(), environment).read(secret, '--client-secret') };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError('--callback-port must be a port number');
  return port;
}

import { EnvHttpProxyAgent } from 'undici';
import type { Environment } from '../../config/environment.js';
import { StdioBridge } from '../bridge/stdio.bridge.js';
import { serveHost } from '../bridge/serve-host.js';
import { openCacheFolder } from './cache.folder.js';
import { createCheckedFetch } from './checked-fetch.js';
import { describeClient } from './client.registration.js';
import { type ConnectOptions, readConnectOptions } from './connect.options.js';
import { exchangeWithHeaders, exchangeWithSession } from './http.exchange.js';
import { SessionStore } from './session.store.js';
import { Session } from './session.js';

/** A call may take as long as the gateway lets it; a stream may be silent for as long as it likes. */
const TIMEOUTS = { headersTimeout: 600_000, bodyTimeout: 0 };

/** The local end of a remote MCP endpoint for a host that only starts programs: signs its user in, and passes everything on. */
export async function connect(args: readonly string[], environment: Environment): Promise<number> {
  const options = readConnectOptions(args, environment);
  const dispatcher = new EnvHttpProxyAgent({ ...TIMEOUTS, ...readProxies(environment) });
  try {
    await serveHost((signal) => new StdioBridge(createExchange(options, dispatcher, environment, signal), process.stdout, report));
  } finally {
    await dispatcher.destroy();
  }
  return 0;
}

const report = (line: string): void => console.error(`gatehouse connect: ${line}`);

function createExchange({ endpoint, headers, client, callbackPort, patience, omitsResource }: ConnectOptions, dispatcher: EnvHttpProxyAgent, environment: Environment, signal: AbortSignal) {
  if (Object.keys(headers).length > 0) return exchangeWithHeaders(endpoint, dispatcher, headers);
  const store = new SessionStore(openCacheFolder(environment), endpoint, describeClient(client));
  // Said at the start: a folder that others can read is no place for what a sign-in brings.
  store.read();
  const fetch = createCheckedFetch(endpoint, dispatcher);
  return exchangeWithSession(endpoint, dispatcher, new Session(endpoint, store, { client, callbackPort, patience, omitsResource, environment, fetch, report }, signal));
}

/** This machine itself is never behind a proxy. */
function readProxies({ http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY }: Environment) {
  return { httpProxy: http_proxy ?? HTTP_PROXY ?? '', httpsProxy: https_proxy ?? HTTPS_PROXY ?? '', noProxy: ['localhost', '127.0.0.1', '::1', no_proxy ?? NO_PROXY ?? ''].join(',') };
}

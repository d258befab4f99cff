import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { errorCode } from '@gatehouse-mcp/oauth';
import { CommandError } from '../command.error.js';

export const CALLBACK_PATH = '/callback';
const PAGE_HEADERS = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'", 'referrer-policy': 'no-referrer', connection: 'close' };

/** Where the browser comes back to, on 127.0.0.1. */
export interface CallbackListener {
  readonly redirectUri: string;
  /** The parameters of the one answer that carries the state; anything else that comes is shown the door. */
  answer(state: string, signal: AbortSignal): Promise<URLSearchParams>;
  /** Tells the waiting browser how it went. */
  close(message: string): Promise<void>;
}

/**
 * @param port 0 for any
 * @throws CommandError when the port is taken
 */
export async function listenForCallback(port: number): Promise<CallbackListener> {
  let expected: { readonly state: string; readonly take: (parameters: URLSearchParams) => void } | undefined;
  let waiting: ServerResponse | undefined;
  const server = createServer((request, response) => {
    const parameters = readCallback(request, host);
    // A page of another site can make the browser come here, but does not know the state.
    if (!parameters || waiting || !expected || parameters.get('state') !== expected.state) return void response.writeHead(404, PAGE_HEADERS).end(page('There is nothing here.'));
    waiting = response;
    expected.take(parameters);
  });
  const host = await new Promise<string>((resolve, reject) => {
    server.once('error', (error) => reject(errorCode(error) === 'EADDRINUSE' ? new CommandError(`--callback-port: ${port} is in use by another program`) : error));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });
  return {
    redirectUri: `http://${host}${CALLBACK_PATH}`,
    answer: (state, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        expected = { state, take: resolve };
      }),
    close: async (message) => {
      waiting?.writeHead(200, PAGE_HEADERS).end(page(message));
      server.close();
      server.closeIdleConnections();
    },
  };
}

function readCallback({ method, url = '/', headers }: IncomingMessage, host: string): URLSearchParams | undefined {
  if (method !== 'GET' || headers.host !== host || !URL.canParse(url, `http://${host}`)) return undefined;
  const { pathname, searchParams } = new URL(url, `http://${host}`);
  return pathname === CALLBACK_PATH ? searchParams : undefined;
}

const page = (message: string): string => `<!doctype html><meta charset="utf-8"><title>Gatehouse</title><p>${message.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)}</p>\n`;

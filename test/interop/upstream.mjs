/** The API behind the gateway: records what arrives, fails or waits by path, and knows whether the caller hung up. Its other half is asked by the clients' programs. */
import { createServer } from 'node:http';

/** Longer than any check waits for a cancelled call to end. */
const WAIT_MS = 20_000;

/**
 * @typedef {{ method: string, target: string, body: string, aborted: boolean, finished: boolean }} Arrival
 * @typedef {{ url: string, arrivalOf: (id: string) => Arrival | undefined, stop: () => Promise<void> }} Upstream
 * @returns {Promise<Upstream>}
 */
export async function startUpstream() {
  /** @type {Map<string, Arrival>} */
  const arrivals = new Map();
  const server = createServer(async (request, response) => {
    const target = request.url ?? '/';
    const [, operation = '', id = ''] = target.split('?', 1)[0]?.split('/') ?? [];
    /** @type {Arrival} */
    const arrival = { method: request.method ?? '', target, body: '', aborted: false, finished: false };
    // A path segment may carry more than the key, to be compared byte by byte.
    arrivals.set(decodeURIComponent(id).split(' ', 1)[0] ?? '', arrival);
    response.once('close', () => {
      if (response.writableFinished) arrival.finished = true;
      else arrival.aborted = true;
    });
    for await (const chunk of request) arrival.body += String(chunk);
    if (operation === 'wait') await new Promise((resolve) => setTimeout(resolve, WAIT_MS).unref());
    if (operation === 'fail') send(response, 409, { title: 'The order is closed', status: 409, detail: `closed: ${id}` }, 'application/problem+json');
    else send(response, 200, { operation, received: id });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return {
    url: urlOf(server),
    arrivalOf: (key) => arrivals.get(key),
    stop: () => close(server),
  };
}

/**
 * What the clients' programs ask while they run: whether a call arrived, and a change of the gateway's document.
 * @param {{ upstream: Upstream, change: () => Promise<string> }} parts
 */
export async function startControl({ upstream, change }) {
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://control');
      if (url.pathname === '/arrival') send(response, 200, upstream.arrivalOf(url.searchParams.get('id') ?? '') ?? null);
      else if (url.pathname === '/change' && request.method === 'POST') send(response, 200, { added: await change() });
      else send(response, 404, null);
    } catch (error) {
      send(response, 500, { error: error instanceof Error ? error.message : String(error) });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { url: urlOf(server), stop: () => close(server) };
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
function send(response, status, body, type = 'application/json') {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}

/** @param {import('node:http').Server} server */
function urlOf(server) {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return `http://127.0.0.1:${address.port}`;
}

/** @param {import('node:http').Server} server */
function close(server) {
  server.closeAllConnections();
  return new Promise((/** @type {(value: void) => void} */ resolve) => server.close(() => resolve()));
}

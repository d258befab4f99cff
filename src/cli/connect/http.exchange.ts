import { describeFailure, type Secret } from '@gatehouse-mcp/oauth';
import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import { type Dispatcher, fetch } from 'undici';
import type { EndpointAnswer, EndpointRequest, Exchange } from '../bridge/exchange.js';
import { CommandError } from '../command.error.js';
import type { Challenge } from './discovery.js';
import type { Session } from './session.js';

type Response = Awaited<ReturnType<typeof fetch>>;

/** Sends to this one URL and nowhere else: a redirect is not followed, so no credential leaves its origin. */
async function send(endpoint: URL, dispatcher: Dispatcher, { method, headers, body, signal }: EndpointRequest, credential: Readonly<Record<string, string>>): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(endpoint, { method, headers: { ...headers, ...credential }, redirect: 'manual', signal, dispatcher, ...(body === undefined ? {} : { body }) });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new CommandError(`${endpoint.origin} cannot be reached (${describeFailure(error)})`);
  }
  if (response.status < 300 || response.status > 399) return response;
  await response.body?.cancel();
  throw new CommandError(`${endpoint.href} answers with a redirect to ${response.headers.get('location') ?? 'nowhere'}, which is not followed: give the URL of the MCP endpoint itself`);
}

const toAnswer = ({ status, headers, body }: Response): EndpointAnswer => ({ status, header: (name) => headers.get(name) ?? undefined, body: body ?? none() });

async function* none(): AsyncGenerator<Uint8Array> {}

/** With headers of the user's own in place of a sign-in. */
export function exchangeWithHeaders(endpoint: URL, dispatcher: Dispatcher, credential: Readonly<Record<string, string>>): Exchange {
  return async (request) => {
    const response = await send(endpoint, dispatcher, request, credential);
    if (response.status !== 401) return toAnswer(response);
    await response.body?.cancel();
    throw new CommandError(`${endpoint.href} refuses what --header sends${describeChallenge(readChallenge(response))}`);
  };
}

/** With the session's token: a refused one is renewed, one of too little is widened, and the request is sent again. */
export function exchangeWithSession(endpoint: URL, dispatcher: Dispatcher, session: Session): Exchange {
  return async (request) => {
    let token = await session.token();
    for (let step: 'sent' | 'renewed' | 'signed-in' | 'widened' = 'sent'; ; ) {
      const response = await send(endpoint, dispatcher, request, token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` });
      const challenge = readChallenge(response);
      if (response.status === 401) {
        await response.body?.cancel();
        if (step === 'signed-in' || step === 'widened') throw session.reject(new CommandError(`${endpoint.href} refuses the token that was just given for it${describeChallenge(challenge)}`));
        const hadToken: boolean = token !== undefined;
        token = await until(session.renew(token, challenge, !request.isAwaited ? 'refresh-alone' : step === 'renewed' ? 'sign-in' : 'refresh'), request.signal);
        step = step === 'renewed' || !hadToken ? 'signed-in' : 'renewed';
      } else if (response.status === 403 && challenge.error === 'insufficient_scope' && request.isAwaited && step !== 'widened') {
        const wider: Secret | undefined = await until(session.widen(token, challenge), request.signal);
        if (wider === undefined) return toAnswer(response);
        await response.body?.cancel();
        token = wider;
        step = 'widened';
      } else {
        return toAnswer(response);
      }
    }
  };
}

/** The request may be given up while the sign-in goes on: what it brings is good for the next. */
function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(signal.reason);
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}

function readChallenge(response: Response): Challenge {
  // undici's Response is the platform's in all but its TypeScript declaration.
  return extractWWWAuthenticateParams(response as unknown as globalThis.Response);
}

const describeChallenge = ({ error, errorDescription }: Challenge): string => (errorDescription ?? error) === undefined ? '' : `: ${(errorDescription ?? error ?? '').replaceAll(/[^\x20-\x7e]+/g, ' ')}`;

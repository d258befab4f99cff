import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../errors/gateway.error.js';
import { createProviderFetch } from './provider.http.js';

/** A provider whose answers the test sets; it counts how often it was asked. */
function provider(answer: () => Response) {
  const state = { answer, asked: 0 };
  const fetch = createProviderFetch('corp', async () => {
    state.asked += 1;
    return state.answer();
  });
  return { state, fetch };
}

const refusalOf = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof GatewayError)) throw new Error('it was not refused');
  return error;
};

describe('what a provider is asked through', () => {
  it.each([200, 400, 401, 403, 404])('hands on its answer %s', async (status) => {
    const { fetch } = provider(() => new Response('x', { status }));
    expect((await fetch('https://idp.example')).status).toBe(status);
  });

  it.each([
    ['500', () => new Response('', { status: 500 }), '10'],
    ['429', () => new Response('', { status: 429, headers: { 'retry-after': '7' } }), '7'],
    ['nothing', () => { throw new Error('ECONNREFUSED'); }, '10'],
  ])('is 503 with the time to wait when it answers %s', async (_, answer, retryAfter) => {
    const { fetch } = provider(answer);
    expect(await refusalOf(fetch('https://idp.example'))).toMatchObject({ status: 503, headers: { 'retry-after': retryAfter } });
  });

  it('leaves it alone after five failures in a row, and not after five that are none', async () => {
    const { state, fetch } = provider(() => new Response('', { status: 401 }));
    for (let count = 0; count < 6; count++) await fetch('https://idp.example');
    expect(state.asked).toBe(6);
    state.answer = () => new Response('', { status: 500 });
    for (let count = 0; count < 20; count++) expect((await refusalOf(fetch('https://idp.example'))).status).toBe(503);
    expect(state.asked).toBe(11);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { modernRequest } from '../tools/modern.js';
import { NotesModule } from '../tools/native-notes.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ modules: [NotesModule] });
});
afterAll(() => gateway.stop());

interface Round {
  readonly result?: { readonly resultType?: string; readonly requestState?: string; readonly content?: readonly { readonly text: string }[]; readonly isError?: boolean };
  readonly error?: { readonly code: number; readonly message: string };
}

async function call(more: Readonly<Record<string, unknown>> = {}, claims: Readonly<Record<string, unknown>> = {}, url = gateway.url): Promise<Round> {
  const { body, headers } = modernRequest(1, 'tools/call', { name: 'notes_delete_all', arguments: {}, ...more }, { elicitation: {} });
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${await gateway.token(claims)}` },
  });
  return (await response.json()) as Round;
}
const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };
const stateOf = async (claims = {}) => (await call({}, claims)).result?.requestState ?? '';
const isRefused = ({ result, error }: Round) => error !== undefined || result?.isError === true;

describe('what a call keeps between two rounds', () => {
  it('comes back to its user, also on another replica', async () => {
    const requestState = await stateOf();
    expect((await call({ inputResponses, requestState })).result?.content?.[0]?.text).toBe('deleted all of them');
    const replica = await gateway.replica();
    try {
      expect((await call({ inputResponses, requestState }, {}, replica.url)).result?.content?.[0]?.text).toBe('deleted all of them');
    } finally {
      await replica.stop();
    }
  });

  it('cannot be read in what the client holds', async () => {
    const sealed = await stateOf();
    expect(sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1')).join(' ')).not.toMatch(/all of them|alice/);
  });

  it.each([
    ['another user', { sub: 'mallory' }],
    ['another tenant', { tenant: 'globex' }],
    ['another client of the user', { client_id: 'other' }],
  ])('is refused from %s', async (_, claims) => {
    const requestState = await stateOf();
    expect(isRefused(await call({ inputResponses, requestState }, claims))).toBe(true);
  });

  it.each<[string, (state: string) => string]>([
    ['with a character changed', (state) => state.slice(0, -3) + (state.at(-3) === 'A' ? 'B' : 'A') + state.slice(-2)],
    ['with something behind it', (state) => `${state}-TAMPERED`],
    ['cut', (state) => state.slice(0, -10)],
    ['of no shape', () => 'state'],
    ['empty', () => ''],
    ['made up without a key', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"state":"all of them"}').toString('base64url')}.`],
  ])('is refused %s', async (_, change) => {
    const requestState = change(await stateOf());
    expect(isRefused(await call({ inputResponses, requestState }))).toBe(true);
  });
});

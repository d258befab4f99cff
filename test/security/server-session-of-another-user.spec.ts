import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeMcpServer, subjectOf } from '../tools/fake-mcp-server.js';
import { startFederation } from '../tools/federation.js';
import type { TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let server: FakeMcpServer;

beforeAll(async () => {
  server = await FakeMcpServer.start('2025-11-25');
  gateway = await startFederation({ wiki: server });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

const search = async (sub: string, more = {}) => {
  const { result } = await gateway.call(await gateway.token({ sub, ...more }), 'wiki_search', { query: 'x' });
  return result?.structuredContent as { subject: string; session: string };
};
/** Sessions in which calls were made, each with who made them. */
const pairs = () => server.of('tools/call').map(({ headers }) => [String(headers['mcp-session-id']), subjectOf(headers)] as const);

describe('a session with a server that keeps them', () => {
  it('is of the user who opened it: with 20 users at once, in any order, each is alone in its own', async () => {
    const users = Array.from({ length: 60 }, (_, n) => `user-${n % 20}`);
    const answers = await Promise.all(users.map((user) => search(user)));
    answers.forEach((answer, index) => expect(answer).toMatchObject({ subject: users[index], session: users[index] }));
    const owners = new Map<string, Set<string | undefined>>();
    for (const [session, user] of pairs()) owners.set(session, (owners.get(session) ?? new Set()).add(user));
    expect([...owners.values()].every((users_) => users_.size === 1)).toBe(true);
  });

  it('is used again by the same user with the same credential, and by no other client of the user', async () => {
    const token = await gateway.token({ sub: 'nora' });
    const ask = (with_: string) => gateway.call(with_, 'wiki_search', { query: 'x' });
    await ask(token);
    await ask(token);
    const own = pairs().filter(([, user]) => user === 'nora');
    expect(new Set(own.map(([session]) => session)).size).toBe(1);
    await ask(await gateway.token({ sub: 'nora', client_id: 'another-agent' }));
    expect(new Set(pairs().filter(([, user]) => user === 'nora').map(([session]) => session)).size).toBe(2);
  });

  it('that the server has forgotten is opened anew, by its own user', async () => {
    const token = await gateway.token({ sub: 'zoe' });
    await gateway.call(token, 'wiki_search', { query: 'x' });
    server.sessions.clear();
    const { result } = await gateway.call(token, 'wiki_search', { query: 'x' });
    expect(result?.structuredContent).toMatchObject({ subject: 'zoe', session: 'zoe' });
  });
});

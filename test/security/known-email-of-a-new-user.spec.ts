import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { SecurityEvents } from '../../src/audit/security-events.js';
import { TokenVerifier } from '../../src/auth/token.verifier.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const email = 'alice@acme.example';
const verify = async (claims: object) => (await gateway.app.get(TokenVerifier).verify(new Secret(await gateway.token({ email, email_verified: true, ...claims })), undefined)).caller;
const query = <T>(sql: string) => gateway.app.get(DataSource).query<T[]>(sql);

/** Administrators' events of this kind, once those under way are written. */
async function events(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  await gateway.app.get(SecurityEvents).flush();
  const [row] = await query<{ sum: string | null }>(`SELECT sum(count) FROM gatehouse.security_events WHERE reason = 'known_email_new_subject' AND provider = 'corp'`);
  return Number(row?.sum ?? 0);
}

/** Security attack 18. */
describe('a known e-mail address with a new subject', () => {
  it('is another user, not linked to the first, and an event for the administrator', async () => {
    const first = await verify({ sub: 'alice', scope: 'items:write' });
    expect(await events()).toBe(0);
    const second = await verify({ sub: 'alice-again', scope: 'items:read' });
    expect([first.subject, second.subject]).toEqual(['alice', 'alice-again']);
    expect([...second.scopes]).toEqual(['items:read']);
    expect(await events()).toBe(1);
    expect((await query<{ subject: string }>(`SELECT subject FROM gatehouse.identities WHERE email = '${email}' ORDER BY subject`)).map(({ subject }) => subject)).toEqual(['alice', 'alice-again']);
  });

  it('is one event, however often either of them comes back', async () => {
    for (let time = 0; time < 3; time++) for (const sub of ['alice', 'alice-again']) await verify({ sub, jti: `${time}` });
    expect(await events()).toBe(1);
  });

  it('is an event once in all replicas', async () => {
    const replica = await gateway.replica();
    try {
      const verifier = replica.app.get(TokenVerifier);
      await verifier.verify(new Secret(await gateway.token({ sub: 'alice-again', email, jti: 'replica' })), undefined);
      expect(await events()).toBe(1);
    } finally {
      await replica.stop();
    }
  });

  it('is told from a subject that is new with an address that is', async () => {
    await verify({ sub: 'bob', email: 'bob@acme.example' });
    await verify({ sub: 'carol', email: undefined });
    await verify({ sub: 'dave', email: undefined });
    expect(await events()).toBe(1);
  });

  it('is one of a known user too, who takes over the address of another', async () => {
    const before = await events();
    await verify({ sub: 'bob', email, jti: 'moved' });
    expect(await events()).toBe(before + 1);
  });
});
